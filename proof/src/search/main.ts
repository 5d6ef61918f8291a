/**
 * Searches small worlds: `node proof/src/search/main.ts [--world sleepers] [--slice] [--soak] [--limit 2000000] [--json]`.
 * A counterexample is printed as a story; the exit code is 1 then.
 */
import { parseArgs } from 'node:util';
import { search } from './search.ts';
import { gateWorlds, sliceWorlds, soakWorlds } from './worlds.ts';

const { values } = parseArgs({
  options: {
    world: { type: 'string' },
    soak: { type: 'boolean', default: false },
    slice: { type: 'boolean', default: false },
    limit: { type: 'string', default: '2000000' },
    json: { type: 'boolean', default: false },
  },
});
const worlds = (values.soak ? soakWorlds : values.slice ? sliceWorlds : gateWorlds).filter(
  ({ name }) => values.world === undefined || name === values.world,
);
const limit = Number(values.limit);
if (worlds.length === 0 || !Number.isInteger(limit)) {
  console.error(`Worlds: ${[...gateWorlds, ...soakWorlds].map(({ name }) => name).join('; ')}`);
  process.exit(2);
}

const all = [];
for (const world of worlds) {
  const found = search(world, { worlds: limit, goesOn: () => true });
  all.push(found);
  if (!values.json) {
    console.log(
      `${found.name}: ${found.worlds} worlds, ${found.steps} steps, ${found.depth} deep, ${found.seconds.toFixed(1)} s` +
        `${found.complete ? ', all of them' : ''}`,
    );
  }
  const { counterexample } = found;
  if (counterexample === null) continue;
  process.exitCode = 1;
  if (!values.json)
    console.log(
      `\nVIOLATED ${counterexample.guarantee}: ${counterexample.message}\n${counterexample.story.join('\n')}\n`,
    );
  break;
}
if (values.json) console.log(JSON.stringify(all));
