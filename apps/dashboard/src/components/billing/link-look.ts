/** A link in a banner. */
export const linkLook = 'mt-1 inline-block font-medium text-primary underline underline-offset-4';
