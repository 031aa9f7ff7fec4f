// Green only for a guest of ours that runs.
import assert from 'node:assert/strict'
import { guestRunning } from '../../src/probes/guest-running.ts'
import { guestStatus } from '../../src/resources/guest-status.ts'
import { type Answers, type Config, fakeCluster, guestAnswers } from '../resources/fake-cluster.ts'
import { testGuest, testSite } from '../resources/test-site.ts'

const OURS: Config = { name: 'web', tags: 'orion;orion-lab' }
const at = (config: Config, running: boolean, node = 'n1') => guestAnswers('qemu', { vmid: 100, config, running, node })

const ROWS: readonly { title: string; answers: Answers; started?: false; state: string; seen: string }[] = [
  { title: 'running', answers: at(OURS, true), state: 'ok', seen: 'running' },
  { title: 'running elsewhere', answers: at(OURS, true, 'n2'), state: 'ok', seen: 'running on n2' },
  { title: 'stopped', answers: at(OURS, false), state: 'failed', seen: 'stopped' },
  { title: 'stopped, and need not run', answers: at(OURS, false), started: false, state: 'ok', seen: 'stopped' },
  { title: 'absent', answers: { 'GET /cluster/resources': [] }, state: 'failed', seen: 'absent' },
  {
    title: 'somebody else runs there',
    answers: at({ name: 'payroll' }, true),
    state: 'failed',
    seen: 'VMID 100 is payroll, and not ours',
  },
  {
    title: 'a container runs there',
    answers: guestAnswers('lxc', { vmid: 100, config: { hostname: 'box', tags: 'orion;orion-lab' }, running: true }),
    state: 'failed',
    seen: 'VMID 100 is box, and not ours',
  },
]

describe('probes/guest-running', () => {
  for (const { title, answers, started = true, state, seen } of ROWS) {
    it(title, async () => {
      const guest = testGuest({ started })
      const result = await guestRunning(guest, { look: (outside) => guestStatus(testSite(), guest, outside) }).run(
        fakeCluster(answers).outside,
      )
      assert.deepEqual([result.state, result.seen], [state, seen])
      assert.equal(result.hint !== undefined, state !== 'ok')
    })
  }
})
