// Kernel settings: the drop-in, what is live, what does not exist.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { sysctl, sysctlFacts } from '../../../src/parts/net/sysctl.ts'
import type { Answer, HostState } from '../../resources/fake-host.ts'
import { onHost, testNode, WISH } from './test-node.ts'

const PATH = '/etc/sysctl.d/90-orion.conf'
const NODE = testNode({ sysctl: { 'vm.swappiness': '10', 'net.ipv4.ip_local_port_range': '1024  65535' } })

function make(live: Record<string, string>, node = NODE, files = {}) {
  const state = new Map(Object.entries(live))
  const print = () => [...state].map(([key, value]) => `${key} = ${value}\n`).join('')
  // As the script: old values, then the file.
  const activate: Answer = (argv, host: HostState) => {
    const lines = (host.files.get(PATH)?.text ?? '').split('\n').filter((line) => /^[^#]+=/.test(line))
    for (const pair of [...argv.slice(5), ...lines]) state.set(...split(pair))
    return ''
  }
  const made = onHost(sysctl(node, WISH), sysctlFacts(node), {
    files,
    programs: { sysctl: print, 'orion-sysctl': activate },
  })
  return { ...made, state }
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
}

const LIVE = { 'vm.swappiness': '60', 'vm.dirty_ratio': '20', 'net.ipv4.ip_local_port_range': '32768\t60999' }

describe('parts/net/sysctl', () => {
  it('writes one drop-in, in force at once', async () => {
    const { look, apply, text, state } = make(LIVE)
    await apply()
    assert.equal(
      text(PATH),
      '# Made by orion from the site file.\nvm.swappiness = 10\nnet.ipv4.ip_local_port_range = 1024  65535\n',
    )
    assert.equal(state.get('vm.swappiness'), '10')
    assert.deepEqual(await look(), [])
  })

  it('mends what somebody set back, and takes blanks as blanks', async () => {
    const { look, apply, state } = make(LIVE)
    await apply()
    state.set('net.ipv4.ip_local_port_range', '1024\t65535')
    assert.deepEqual(await look(), [])
    state.set('vm.swappiness', '60')
    const made = await look()
    assert.deepEqual(made, []) // Shared until the host forgets.
    const again = make({ ...LIVE, 'net.ipv4.ip_local_port_range': '1024\t65535' }, NODE, {
      [PATH]: '# Made by orion from the site file.\nvm.swappiness = 10\nnet.ipv4.ip_local_port_range = 1024  65535\n',
    })
    assert.deepEqual(await again.look(), [{ field: 'vm.swappiness', have: '60', want: '10' }])
  })

  it('puts live values back with the files', async () => {
    const node = testNode({ sysctl: { 'vm.swappiness': '10' } })
    const set = sysctl(node, WISH)
    const state = { live: '60' }
    const { apply, text } = onHost({ ...set, prove: () => ['worse'] }, sysctlFacts(node), {
      programs: {
        sysctl: () => `vm.swappiness = ${state.live}\n`,
        'orion-sysctl': (argv, host) => {
          state.live = host.files.has(PATH) ? '10' : (argv[5]?.split('=')[1] ?? '')
          return ''
        },
      },
    })
    await assert.rejects(apply(), /worse/)
    assert.equal(text(PATH), undefined)
    assert.equal(state.live, '60')
  })

  const rows = [
    { key: 'vm.swapiness', said: 'the kernel has no setting vm.swapiness (did you mean "vm.swappiness"?)' },
    { key: 'vm.zzz', said: 'the kernel has no setting vm.zzz (a module that is not loaded?)' },
    {
      key: 'net.bridge.bridge-nf-call-iptables',
      said: 'the kernel has no setting net.bridge.bridge-nf-call-iptables (a module that is not loaded?)',
    },
  ]
  for (const { key, said } of rows)
    it(`refuses ${key}`, async () => {
      const { look } = make(LIVE, testNode({ sysctl: { [key]: '1' } }))
      await assert.rejects(look(), (error: Error) => error.message === `sysctl of n1 cannot be made so: ${said}`)
    })

  it('knows a key with slashes as sysctl prints it', async () => {
    const node = testNode({ sysctl: { 'net/ipv4/conf/eno1.20/forwarding': '1' } })
    const { look } = make({ 'net.ipv4.conf.eno1/20.forwarding': '1' }, node, {
      [PATH]: '# Made by orion from the site file.\nnet/ipv4/conf/eno1.20/forwarding = 1\n',
    })
    assert.deepEqual(await look(), [])
  })

  it('asks the real sysctl for exactly what stands beside the wanted keys', function () {
    const node = testNode({ sysctl: { 'kernel.ostype': 'Linux', 'net.ipv4.conf.lo.forwarding': '0' } })
    const [program = '', ...words] = sysctlFacts(node).commands?.sysctl ?? []
    const { stdout, error } = spawnSync(program, words, { encoding: 'utf8' })
    if (error) return this.skip()
    assert.match(stdout, /^kernel\.ostype = Linux$/m)
    assert.match(stdout, /^net\.ipv4\.conf\.lo\.forwarding = \d$/m)
    assert.doesNotMatch(stdout, /^vm\./m)
  })

  it('reads nothing where nothing is wanted', () => assert.deepEqual(sysctlFacts(testNode()), {}))
})
