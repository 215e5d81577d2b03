/** The bench's training steps as a file of its own, which a worker loads when a reader measures. */
import { optimiserOf, TASKS } from '../../bench/models';

Object.assign(self, { latentlabTasks: { optimiserOf, TASKS } });
