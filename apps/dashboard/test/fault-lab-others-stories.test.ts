import { describe } from 'node:test';
import { tellByButton } from './support/lab-stories.ts';

// Two files, so that each ends well within what one file may take: a story starts a product of its own.
describe('The other stories of the command line are told by their buttons, and their ends are on the page', () => {
  tellByButton([6, 7, 8, 9]);
});
