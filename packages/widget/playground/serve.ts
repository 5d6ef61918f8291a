/** `npm run playground -w @seatbelt/widget` */
import { startPlayground } from './playground.ts';

const { origin } = await startPlayground(Number(process.env.PORT ?? 0));
console.log(`Every state of the seat manager: ${origin}`);
