import { OF_BLOCKS, testSteps } from './equal-steps';

testSteps(OF_BLOCKS);
