/** What stands in the flag that a page shares with its worker, where the host isolates it; 0 is nothing. */

/** The reader has pressed stop. */
export const ASKED = 1;

/** The worker has heard it, and the cell that was stopped is to end. */
export const ENDING = 2;
