// The activation of a bird.conf with real BIRD: what stands, what is refused, and what is put back.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ACTIVATION_FACTS, activateBird } from '../../../src/parts/bgp/birdc-activation.ts'
import { BIRD_VERSIONS, withDaemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { needs } from '../../setup.ts'
import { type BirdHost, birdHost } from './bird-host.ts'

const exec = promisify(execFile)
const CONF = '/etc/bird/bird.conf'
const conf = (name: string, more = '') => `router id 192.0.2.1;
protocol device {}
protocol static ${name} { ipv6; route 2001:678:1::/48 unreachable; }
${more}`
const [SWAP, PUT_BACK] = [{ ORION_GUARD: 'swap' }, { ORION_GUARD: 'put-back' }]

const wasUnit = (state: string) =>
  new Map([['bird-active', { code: state === 'active' ? 0 : 3, stdout: `${state}\n`, stderr: '' }]])

describe('parts/bgp/birdc-activation', function () {
  this.timeout(60_000)
  let rig: Rig

  before(async function () {
    await withDaemons(this)
  })
  beforeEach(() => {
    rig = makeRig('activation')
  })
  afterEach(async () => rig.close())

  it('shellcheck has nothing to say about the program', async function () {
    await needs(this, ['shellcheck'])
    const [, , program = ''] = activateBird({ files: new Map(), commands: new Map() })[0] ?? []
    const child = exec('shellcheck', ['-s', 'sh', '-'])
    child.child.stdin?.end(program)
    await child
  })

  for (const version of BIRD_VERSIONS)
    describe(`BIRD ${version}`, () => {
      let router: BirdHost
      const has = async (name: string) => (await router.run(['birdc', '-v', 'show', 'protocols', name])).code === 0

      interface Given {
        /** What the unit was before the change. */
        readonly was?: 'active' | 'inactive'
        readonly undo?: number
        readonly patience?: number
        /** Seconds: a program that does not end fails its test. */
        readonly killAfter?: number
        /** Protocols. */
        readonly reload?: readonly string[]
      }
      /** As the guard does: what was before is read first. */
      const activate = async (
        env: Readonly<Record<string, string>>,
        { was, undo, patience, killAfter, reload = [] }: Given = {},
      ) => {
        const before = await router.read(ACTIVATION_FACTS)
        const [argv = []] = activateBird(was === undefined ? before : { ...before, commands: wasUnit(was) })
        const [program, state, ownUndo, ownPatience] = [argv.slice(0, 4), argv[4] ?? '', argv[5] ?? '', argv[6] ?? '']
        const killed = killAfter === undefined ? [] : ['timeout', '-s', 'KILL', String(killAfter)]
        const known = ['sh', '-c', 'echo $$ >/etc/activation; exec "$@"', 'known']
        const times = [String(undo ?? ownUndo), String(patience ?? ownPatience)]
        return router.run([...killed, ...known, ...program, state, ...times, ...argv.slice(7, 10), ...reload], env)
      }

      beforeEach(async () => {
        router = await birdHost(rig.space('router'), version)
        router.put(CONF, conf('old'))
        await router.start()
      })

      it('keeps a new configuration: no timer of BIRD is left', async () => {
        router.put(CONF, conf('fresh'))
        const { code, stderr } = await activate(SWAP)
        assert.equal(code, 0, stderr)
        assert.equal(await has('fresh'), true)
        assert.match((await router.run(['birdc', '-v', 'configure', 'confirm'])).stdout, /^0019/m)
      })

      it('says what BIRD refuses, and leaves the old one in force', async () => {
        router.put(CONF, `${conf('fresh')}protocol nonsense {}`)
        const { code, stderr } = await activate(SWAP)
        assert.equal(code, 1)
        assert.match(stderr, /^bird: refuses the configuration: [\s\S]*8002 .*bird\.conf:4:\d+ syntax error/)
        assert.equal(await has('old'), true)
      })

      it('reads routes anew before it confirms, in the words of this version, and not when it puts back', async () => {
        const log = (text: string) => `echo "$2 $3 $4 $5" >>/etc/asked; ${text}`
        router.replace('birdc', log('exec $REAL "$@"'))
        router.put(CONF, conf('fresh'))
        const { code, stderr } = await activate(SWAP, { reload: ['fresh', 'device1'] })
        assert.equal(code, 0, stderr)
        const asked = router
          .get('/etc/asked')
          .split('\n')
          .map((line) => line.trim())
        const word = version === '3.1' ? 'reload filters in' : 'reload in'
        const [reload, confirm] = [`${word} device1`, 'configure confirm'].map((line) => asked.indexOf(line))
        assert.ok((reload ?? -1) > 0 && (confirm ?? -1) > (reload ?? -1), asked.join('\n'))
        router.put('/etc/asked', '')
        assert.equal((await activate(PUT_BACK, { reload: ['fresh'] })).code, 0)
        assert.doesNotMatch(router.get('/etc/asked'), /reload/)
      })

      it('does not confirm what it cannot read anew', async () => {
        router.put(CONF, conf('fresh'))
        const { code, stderr } = await activate(SWAP, { reload: ['nobody'] })
        assert.equal(code, 1)
        assert.match(stderr, /^bird: does not reload nobody: /)
      })

      it('starts BIRD where it does not run', async () => {
        await router.run(['systemctl', 'stop', 'bird.service'])
        await within(5000, 'BIRD to stop', async () => !router.isRunning())
        router.put(CONF, conf('fresh'))
        const { code, stderr } = await activate(SWAP)
        assert.equal(code, 0, stderr)
        assert.equal(await has('fresh'), true)
      })

      it('does not wait for ever for a BIRD that takes a question and never answers', async () => {
        router.replace('birdc', 'exec sleep 60')
        router.put(CONF, conf('fresh'))
        const { code, stderr } = await activate(SWAP, { patience: 1, killAfter: 20 })
        assert.equal(code, 1)
        assert.match(stderr, /^bird: does not answer within 1 s/)
      })

      it('waits for a reconfiguration that goes on (0004)', async () => {
        router.replace(
          'birdc',
          `case "$2 $3" in
  "configure timeout") $REAL "$@" | sed 's/^0003.*/0004 Reconfiguration in progress/' ;;
  "show status") echo >>/etc/asked; [ "$(wc -l </etc/asked)" -gt 3 ] || { echo '0013 Reconfiguration in progress'; exit; }; exec $REAL "$@" ;;
  *) exec $REAL "$@" ;;
esac`,
        )
        router.put(CONF, conf('fresh'))
        const { code, stderr } = await activate(SWAP)
        assert.equal(code, 0, stderr)
        assert.equal(router.get('/etc/asked').length, 4)
        assert.equal(await has('fresh'), true)
      })

      it('fails where it goes on for too long', async () => {
        router.replace(
          'birdc',
          `case "$2 $3" in
  "configure timeout") echo '0004 Reconfiguration in progress' ;;
  "show status") echo '0013 Reconfiguration in progress' ;;
esac`,
        )
        const { code, stderr } = await activate(SWAP, { patience: 1 })
        assert.equal(code, 1)
        assert.match(stderr, /is not reconfigured within 1 s: 0013 Reconfiguration in progress/)
      })

      it('fails where somebody else configured BIRD meanwhile (0019)', async () => {
        router.replace('birdc', '[ "$2 $3" != "configure confirm" ] || $REAL configure >/dev/null; exec $REAL "$@"')
        router.put(CONF, conf('fresh'))
        const { code, stderr } = await activate(SWAP)
        assert.equal(code, 1)
        assert.match(stderr, /was configured by somebody else meanwhile: [\s\S]*0019/)
      })

      it('is undone by BIRD itself where it is killed in between', async () => {
        // At that very moment, and not after some seconds: BIRD counts its own from the moment at which it was configured.
        router.replace(
          'birdc',
          '[ "$2 $3" != "configure confirm" ] || { kill -KILL "$(cat /etc/activation)"; exit 1; }; exec $REAL "$@"',
        )
        router.put(CONF, conf('fresh'))
        const { code } = await activate(SWAP, { undo: 5 })
        assert.notEqual(code, 0)
        assert.equal(await has('fresh'), true)
        await within(20_000, 'BIRD to go back', () => has('old')).catch((error: unknown) => {
          throw new Error(`${String(error)}\n${router.log()}`)
        })
        assert.equal(await has('fresh'), false)
      })

      it('stops BIRD where what made its configuration is undone', async () => {
        router.remove(CONF)
        const { code, stderr } = await activate(SWAP, { was: 'inactive' })
        assert.equal(code, 0, stderr)
        await within(5000, 'BIRD to stop', async () => !router.isRunning())
      })

      it('says so where BIRD does not start', async () => {
        await router.run(['systemctl', 'stop', 'bird.service'])
        await within(5000, 'BIRD to stop', async () => !router.isRunning())
        router.put(CONF, 'protocol nonsense {}')
        const { code, stderr } = await activate(SWAP, { patience: 1 })
        assert.equal(code, 1)
        assert.match(stderr, /^bird: does not answer within 1 s: Unable to connect/)
      })

      it('puts back with a plain configure, and stops what did not run before', async () => {
        router.put(CONF, conf('fresh'))
        assert.equal((await activate(SWAP)).code, 0)
        router.put(CONF, conf('old'))
        assert.equal((await activate(PUT_BACK, { was: 'active' })).code, 0)
        assert.deepEqual([await has('old'), await has('fresh')], [true, false])
        assert.equal((await activate(PUT_BACK, { was: 'inactive' })).code, 0)
        await within(5000, 'BIRD to stop', async () => !router.isRunning())
      })
    })
})
