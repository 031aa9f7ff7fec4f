// The rig leaves nothing behind: what it closes is gone when close returns.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { missingForHosts } from '../hosts/nspawn.ts'
import { skip } from '../setup.ts'
import { makeRig, type Rig } from './rig.ts'

describe('daemons/rig', () => {
  let lasting: Rig

  before(async function () {
    this.timeout(10 * 60_000)
    const reason = await missingForHosts()
    if (reason) skip(this, reason)
    lasting = makeRig('lasting')
  })
  after(() => lasting?.close())

  it('takes its cables out of a namespace that lives on, whatever still runs in its own', async () => {
    const hub = lasting.space('hub')
    for (let round = 0; round < 3; round += 1) {
      const rig = makeRig('short')
      const space = rig.space('edge')
      rig.cable({ space: hub, name: 'edge' }, { space, name: 'eth0', addresses: ['192.0.2.2/24'] })
      // A program that a test ran and left: it keeps the namespace after its name is gone.
      const { stdout } = await space.run(['sh', '-c', 'setsid sleep 60 >/dev/null 2>&1 </dev/null & echo $!'])
      const daemon = space.start(['sh', '-c', 'trap "" TERM; sleep 60; true'])
      await rig.close()
      assert.doesNotMatch(await hub.must(['ip', 'link']), /edge/)
      assert.deepEqual([stdout.trim(), String(daemon.pid)].filter(isThere), [])
      assert.equal(existsSync(space.folder), false)
    }
  })
})

/** One that has ended may wait for its new parent to hear of it. */
function isThere(pid: string): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
