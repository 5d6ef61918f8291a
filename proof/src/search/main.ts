/**
 * Searches small worlds: `node proof/src/search/main.ts [--world sleepers] [--small] [--soak] [--limit 2000000] [--json]`.
 * A counterexample is printed as a story; the exit code is 1 then.
 */
import { programOptions, refuseOptions, wholeNumber } from '@seatbelt/dev/program-options';
import { search } from './search.ts';
import { gateWorlds, smallWorlds, soakWorlds } from './worlds.ts';

const names = [...gateWorlds, ...smallWorlds, ...soakWorlds].map(({ name }) => name);
const usage = `usage: node proof/src/search/main.ts [--world <name>] [--small] [--soak] [--limit 2000000] [--json]
worlds: ${names.join('; ')}`;
const { values } = programOptions(usage, {
  options: {
    world: { type: 'string' },
    soak: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    limit: { type: 'string', default: '2000000' },
    json: { type: 'boolean', default: false },
  },
});
const worlds = (values.soak ? soakWorlds : values.small ? smallWorlds : gateWorlds).filter(
  ({ name }) => values.world === undefined || name === values.world,
);
const limit = wholeNumber(usage, 'limit', values.limit, 1);
if (worlds.length === 0) refuseOptions(usage, `There is no world called ${values.world} here.`);

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
