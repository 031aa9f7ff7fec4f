// A host key that nobody knows: the guest agent's word, else the operator's, else nobody's.
import assert from 'node:assert/strict'
import { trustGuest, trustNode } from '../../src/base/host-trust.ts'
import type { UnknownKey } from '../../src/host/connect.ts'
import { getFingerprint } from '../../src/host/host-key.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { testGuest } from '../resources/test-site.ts'

const BLOB = Buffer.from('a host key')
const OTHER = Buffer.from('another host key')
const KEY: UnknownKey = {
  name: 'router',
  host: '10.0.0.20',
  port: 22,
  type: 'ssh-ed25519',
  fingerprint: getFingerprint(BLOB),
}
const QUESTION = `router (10.0.0.20) is not known yet. Its host key: ssh-ed25519 ${KEY.fingerprint}. Is that router's key?`
const ROUTER = testGuest({ name: 'router', vmid: 200 })

function make(agent: string | undefined, guest = ROUTER) {
  const asked: string[] = []
  const ask = async (question: string) => asked.push(question) > 0
  const { host, calls } = fakeHost(agent === undefined ? {} : { programs: { pvesh: agent } })
  return { asked, calls, trust: trustGuest(guest, ask, async () => host) }
}

const told = (blob: Buffer) => JSON.stringify({ content: `ssh-ed25519 ${blob.toString('base64')} root@router\n` })

describe('base/host-trust', () => {
  it('asks about a node, with its fingerprint', async () => {
    const asked: string[] = []
    assert.equal(await trustNode(async (question) => asked.push(question) > 0)({ ...KEY, port: 2222 }), true)
    assert.deepEqual(asked, [QUESTION.replace('10.0.0.20', '10.0.0.20 port 2222')])
    assert.equal(await trustNode(async () => false)(KEY), false)
  })

  it('asks nobody where the guest agent tells the same key', async () => {
    const { trust, asked, calls } = make(told(BLOB))
    assert.equal(await trust(KEY), true)
    assert.deepEqual(asked, [])
    const file = '/etc/ssh/ssh_host_ed25519_key.pub'
    const path = '/nodes/n1/qemu/200/agent/file-read'
    assert.deepEqual(calls, [`run pvesh get ${path} --file ${file} --output-format json`])
  })

  it('refuses a key that is another one than the agent tells, whoever would agree', async () => {
    const { trust, asked } = make(told(OTHER))
    await assert.rejects(trust(KEY), { code: 'E_HOST_KEY', message: /not the one which its guest agent tells/ })
    assert.deepEqual(asked, [])
  })

  const silent: readonly [string, string | undefined, typeof ROUTER?][] = [
    ['no agent answers', undefined],
    ['the agent tells no text', '{"content":""}'],
    ['the answer is none', 'error'],
    ['the guest has no agent', told(BLOB), { ...ROUTER, agent: false }],
    ['the guest is a container', told(BLOB), { ...ROUTER, kind: 'ct' }],
  ]
  for (const [title, agent, guest] of silent)
    it(`asks where ${title}`, async () => {
      const { trust, asked } = make(agent, guest)
      assert.equal(await trust(KEY), true)
      assert.deepEqual(asked, [QUESTION])
    })
})
