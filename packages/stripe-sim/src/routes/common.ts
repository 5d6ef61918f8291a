import { listOf, text } from '../http/params.ts';

/** `expand[]`, which every route takes and the pipeline carries out on the finished answer. */
export const expand = listOf(text, 20);
