/** What a page tells of its run. */
export type State = 'idle' | 'busy';

/** What the page has done, for whoever drives it: tests, and `npm run site -- --verify`. */
export interface Report {
  state: State;
  /** `elsewhere`: the cell wants what a page cannot have; its saved output stays, and those below are run. */
  results: {
    id: string;
    failed: boolean;
    elsewhere?: true;
    seconds: number;
    outputs: { type: string; content: unknown }[];
  }[];
}
