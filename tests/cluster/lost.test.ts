/** Who is lost, read from TensorFlow's own words, as they were seen when the second of two workers was started anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostWorker, WorkerLost } from '../../lib/runtime/cluster/lost';
import { nowWith } from '../../lib/runtime/cluster/members';

const SECOND = '/job:worker/replica:0/task:1';
const from = (task: string, call: string) =>
  `\nAdditional GRPC error information from remote target ${task} while calling /tensorflow.${call}:\n:UNKNOWN:Error received from peer`;

const WORDS: Record<string, string> = {
  'it knows nothing of those who had joined it': `Invalid TF_Status: 10\nMessage: {{function_node step_2}} Unable to find a context_id matching the specified one (14). Perhaps the worker was restarted?${from(`${SECOND}/device:CPU:0`, 'eager.EagerService/RunComponentFunction')}`,
  'it calls itself task 0 when the other one fetches from it': `Invalid TF_Status: 10\nMessage: {{function_node step_8}} RecvTensor expects a different device incarnation: 90 vs. 12. Your worker job ("/job:worker/replica:0/task:0") was probably restarted.${from(SECOND, 'WorkerService/RecvTensor')}`,
  'the other one passes its error on': `Invalid TF_Status: 14\nMessage: failed to connect to all addresses${from(SECOND, 'WorkerService/RecvTensor')}${from('/job:worker/replica:0/task:0/device:CPU:0', 'eager.EagerService/RunComponentFunction')}`,
  'two errors are told as one': `Invalid TF_Status: 10\nMessage: 2 root error(s) found.\n  (0) ABORTED: Unable to find a context_id${from(SECOND, 'eager.EagerService/RunComponentFunction')}\n  (1) CANCELLED: from /job:worker/replica:0/task:0`,
  'it does not answer': `${SECOND} does not answer`,
};

for (const [what, message] of Object.entries(WORDS)) {
  test(`the second worker is lost: ${what}`, () => {
    nowWith(['host1:2222', 'host2:2222']);
    const lost = lostWorker(new Error(message));
    assert.ok(lost instanceof WorkerLost);
    assert.equal(lost.worker, 'host2:2222');
  });
}

test('an error of another kind stays what it is', () => {
  const error = new Error('Invalid TF_Status: 3\nMessage: shapes differ at /job:worker/replica:0/task:1');
  assert.equal(lostWorker(error), error);
});
