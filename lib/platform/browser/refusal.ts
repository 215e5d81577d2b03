/** Name of the errors of what only a computer's own programs can do: the page then leaves the saved output where it is. */
export const NOT_IN_A_PAGE = 'NotInAPage';
