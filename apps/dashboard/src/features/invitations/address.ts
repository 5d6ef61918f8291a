/**
 * What is taken for an address, in the browser and by the server: what Better Auth takes when somebody signs in with it (a
 * test compares the two), because whoever could not sign in could not accept an invitation either.
 */
export const address =
  /^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;

/** RFC 5321: no path is longer. */
export const longestAddress = 254;
