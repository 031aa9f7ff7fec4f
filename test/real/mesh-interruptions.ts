// orion killed in the middle of a change of the mesh, and a gateway that restarts: nothing is half done, and the next run makes it whole.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { allReach } from './mesh-prober.ts'
import { secretsOf } from './mesh-secrets.ts'
import type { Edit, MeshStage } from './mesh-stage.ts'
import { numbers } from './random.ts'

const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 0xffffffff))

/** Frankfurt's underlay has another MTU: the links to it change on both of their ends, the hub's and the bypass's among them. */
const smaller: Edit = (site) => site.replace(/^( *fra-1: \{ endpoint: \S+) /m, '$1 mtu: 1400, ')
/** And it has one link less. */
const fewer: Edit = (site) => smaller(site).replace(', [fra-1, rey-1]', '')

export function tellInterruptions(here: () => MeshStage): void {
  const random = numbers(SEED)
  let wholeMs = 0

  const mtuOf = async (name: 'fra-1' | 'kel-1', link: string) =>
    Number(await here().hosts[name].must(['cat', `/sys/class/net/${link}/mtu`]))
  const hasLink = async () => (await here().hosts['rey-1'].exec(['ip', 'link', 'show', 'wg-fra-1'])).code === 0

  async function made(edit: Edit): Promise<string> {
    const { code, stdout, stderr } = await here().orion(['mesh', 'apply', '--yes'], edit)
    assert.equal(code, 0, stderr + stdout)
    return stdout
  }

  it('a change of hub and bypass alike: the bypass waits for the next run, and no key changes', async () => {
    const keys = await secretsOf(here())
    const from = performance.now()
    assert.match(await made(smaller), /2 waiting/)
    wholeMs = performance.now() - from
    const bypass = () => Promise.all([mtuOf('fra-1', 'wg-kel-1'), mtuOf('kel-1', 'wg-fra-1')])
    assert.equal(await mtuOf('fra-1', 'wg-van-1'), 1320)
    assert.deepEqual(await bypass(), [1420, 1420])
    await made(smaller)
    assert.deepEqual(await bypass(), [1320, 1320])
    assert.deepEqual(await secretsOf(here()), keys)
    await allReach(here())
  })

  const moment = 0.2 + 0.6 * random()
  it(`a link goes, and orion is killed at ${Math.round(100 * moment)} % of the way (KILL_SEED=${SEED}): nothing is half done`, async () => {
    const orion = here().start(['mesh', 'apply', '--yes'], fewer)
    await sleep(moment * wholeMs)
    orion.kill('SIGKILL')
    await orion.ended
    await allReach(here())
    await made(fewer)
    await allReach(here())
    assert.equal(await hasLink(), false)
  })

  it('it comes back, with one preshared key on both ends', async () => {
    await made(smaller)
    await allReach(here())
    assert.equal(await hasLink(), true)
    const [one, other] = (await secretsOf(here())).filter(({ name }) => /^(fra-1.wg-rey|rey-1.wg-fra).*psk$/.test(name))
    assert.ok(one !== undefined && one.base64 === other?.base64)
  })

  it('a gateway that restarts has every link again by itself, and the plan finds nothing to do', async () => {
    await here().hosts['fra-1'].reboot()
    await allReach(here())
    const { code, stdout, stderr } = await here().orion(['mesh', 'plan'], smaller)
    assert.equal(code, 0, stderr + stdout)
  })

  it('undo takes what was made last from one gateway, also where nothing was before; the next run makes it again', async () => {
    const { code, stdout, stderr } = await here().orion(['mesh', 'undo', 'sin-1', '--yes'], smaller)
    assert.equal(code, 0, stderr + stdout)
    assert.notEqual((await here().hosts['sin-1'].exec(['test', '-e', '/etc/orion/mesh/bird.conf'])).code, 0)
    assert.match(await made(smaller), /Done: /)
    await allReach(here())
  })
}
