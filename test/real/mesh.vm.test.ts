// The built orion and the federation on real hosts with real WireGuard, OpenSSL and BIRD: everything that the mesh promises.
import assert from 'node:assert/strict'
import { within } from '../hosts/inside.ts'
import { withHosts } from '../hosts/nspawn.ts'
import { tellBadHosts } from './mesh-bad-hosts.ts'
import { tellFailures } from './mesh-failures.ts'
import { tellInterruptions } from './mesh-interruptions.ts'
import { allReach } from './mesh-prober.ts'
import { remember, tellRotation } from './mesh-rotation.ts'
import { found, secretsOf } from './mesh-secrets.ts'
import { type MeshStage, OWN, openMeshStage } from './mesh-stage.ts'

describe('orion mesh on real hosts', function () {
  this.timeout(300_000)
  let stage: MeshStage
  const here = () => stage

  before(async function () {
    await withHosts(this)
    stage = await openMeshStage()
  })
  after(() => stage?.close())

  describe('before anything is there', () => tellBadHosts(here))

  describe('from nothing', () => {
    it('is made by one run, and every site reaches every other', async () => {
      const orion = stage.start(['mesh', 'apply', '--yes'])
      const [{ code, stdout, stderr }, memory] = await Promise.all([orion.ended, remember(orion)])
      assert.equal(code, 0, stderr + stdout)
      await allReach(stage)
      const psks = (await secretsOf(stage)).filter(({ name }) => name.endsWith('.psk'))
      assert.deepEqual(found(psks, memory), [])
    })

    it('a second run changes nothing, and every link is fresh', async () => {
      const again = await stage.orion(['mesh', 'apply', '--yes'])
      assert.equal(again.code, 0, again.stderr + again.stdout)
      assert.match(again.stdout, /0 to create, 0 to change, 0 to remove/)
      // Every pair reached each other; the last sessions may come after that.
      let said = ''
      await within(90_000, 'a status without remarks', async () => {
        const status = await stage.orion(['mesh', 'status'])
        said = status.stderr + status.stdout
        return status.code === 0
      }).catch((error: unknown) => assert.fail(`${String(error)}\n${said}`))
    })

    it('another machine of a site reaches the others through its gateway', async () => {
      const far = ['ping', '-q', '-c', '2', '-i', '0.2', '-W', '2', OWN['kel-1']]
      await stage.hosts['van-2'].must(far)
    })
  })

  describe('failures', () => tellFailures(here))
  describe('keys', () => tellRotation(here))
  describe('interruptions', () => tellInterruptions(here))
})
