import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { getStage, TOKEN } from './client.ts'
import { inTurn, sendData, silent } from './fake-server.ts'

const CONNECT = fileURLToPath(new URL('../../src/pve/connect.ts', import.meta.url))

// A process that reads, leaves one request without an answer, closes, and has nothing left to wait for.
const PROGRAM = `
const { connectPve } = await import(process.argv[1])
const { endpoint, token } = JSON.parse(process.argv[2])
const pve = connectPve({
  clusters: [{ name: 'site', nodes: ['pve1'], endpoints: [endpoint], credentials: async () => token }],
  signal: new AbortController().signal,
})
const { api } = pve.cluster('pve1')
await api.version.$get()
const unanswered = api.version.$get().catch((error) => error.code)
await new Promise((resolve) => setTimeout(resolve, 50))
await pve.close()
console.log(await unanswered)
`

describe('connectPve', () => {
  const { start, connect } = getStage()

  it('the process ends by itself after close', async () => {
    const { host, port, fingerprint } = await start(inTurn(sendData({ version: '9.1.4' }), silent))
    const told = JSON.stringify({ endpoint: { host, port, fingerprint }, token: TOKEN })
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM, CONNECT, told])
    try {
      let out = ''
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString()
      })
      // A leaked timer or socket would hold it for 60 s, and mocha's own limit ends that.
      const [code] = await once(child, 'close')
      assert.deepEqual([code, out.trim()], [0, 'E_INTERRUPTED'])
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('refuses a node of no cluster', () => {
    const { pve } = connect([])
    assert.throws(() => pve.cluster('pve9'), { code: 'E_SITE' })
  })

  it('a cluster without endpoints is unreachable', async () => {
    await assert.rejects(connect([]).cluster.version(), { code: 'E_PVE_UNREACHABLE' })
  })
})
