import assert from 'node:assert/strict'
import type { Code } from '../../src/errors.ts'
import { recognise, toRefusal } from '../../src/pve/refusal.ts'
import { toRequest } from '../../src/pve/request.ts'

const read = toRequest('get', '/api2/json/nodes/pve1/qemu/100', '/api2/json/nodes/*/qemu/*')
const write = toRequest('post', '/api2/json/nodes/pve1/qemu', '/api2/json/nodes/*/qemu')

const refuse = (request: typeof read, status: number, message: string, errors?: Record<string, string>) => {
  const text = JSON.stringify({ data: null, message, errors })
  return toRefusal(
    request,
    { status, reason: 'x', contentType: 'application/json;charset=UTF-8', text, tooLarge: false },
    'site',
  )
}

describe('refusal', () => {
  const texts: readonly [string, Code | undefined][] = [
    ["Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist", 'E_PVE_NOT_FOUND'],
    ["storage 'fast' does not exist", 'E_PVE_NOT_FOUND'],
    ["no such user ('a@pve')", 'E_PVE_NOT_FOUND'],
    ["role 'Orion' does not exist", 'E_PVE_NOT_FOUND'],
    ["pool 'x' does not exist", 'E_PVE_NOT_FOUND'],
    ["no such VM ('100')", 'E_PVE_NOT_FOUND'],
    ['400 Parameter verification failed.\nid: No such job', 'E_PVE_NOT_FOUND'],
    ["no such token 'x' for user 'a@pve'", 'E_PVE_NOT_FOUND'],
    ['no such task', 'E_PVE_NOT_FOUND'],
    ["unable to open '/dev/x' - No such file or directory", undefined],
    ['open /dev/kvm: No such device', undefined],
    ['command zpool not found', undefined],
    ["can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout", 'E_PVE_BUSY'],
    ["unable to create VM 100: can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout", 'E_PVE_BUSY'],
    ['VM is locked (backup)', 'E_PVE_BUSY'],
    ['CT is locked (create)', 'E_PVE_BUSY'],
    ["cfs-lock 'storage-local' error: got lock request timeout", 'E_PVE_BUSY'],
    ["error with cfs lock 'file-user_cfg': got lock timeout - aborting command", 'E_PVE_BUSY'],
    ['unable to acquire lock', 'E_PVE_BUSY'],
    ["trying to acquire cfs lock 'storage-nfs' ...", 'E_PVE_BUSY'],
    ['checksum mismatch (file change by other user?)', 'E_PVE_BUSY'],
    ['detected modified configuration - file changed by other user? Try again.', 'E_PVE_BUSY'],
    ["VM 100 qmp command 'query-status' failed - got timeout", undefined],
    ["checksum mismatch: got 'a' != expect 'b'", undefined],
    ["only root can set 'affinity' config", 'E_PVE_DENIED'],
    ['changing feature flags (except nesting) is only allowed for root@pam', 'E_PVE_DENIED'],
    ['Permission check failed (user != root@pam)', 'E_PVE_DENIED'],
    ['Permission check failed (/vms/100, VM.Config.CPU)', 'E_PVE_DENIED'],
    ['unable to create VM 100 - VM 100 already exists on node', undefined],
    ["storage ID 'tank' already exists", undefined],
    ["create user failed: user 'orion@pve' already exists", undefined],
    ['VM 100 not running', undefined],
    ['', undefined],
  ]
  for (const [text, code] of texts) {
    it(`${JSON.stringify(text)} → ${code ?? 'not known'}`, () => {
      assert.equal(recognise(text), code)
      assert.equal(refuse(read, 500, text).code, code ?? 'E_PVE_ANSWER')
      const again = code === 'E_PVE_BUSY' || text.includes('already exists')
      assert.equal(refuse(write, 500, text).recheck, again)
      assert.equal(refuse(read, 500, text).recheck, code === 'E_PVE_BUSY')
    })
  }

  it('names every parameter on a line of its own', () => {
    const error = refuse(write, 400, 'Parameter verification failed.\n', {
      vmid: 'VM 100 already exists\n',
      net0: 'invalid format\nnet0.tag: value must be at most 4094\n',
    })
    assert.equal(error.code, 'E_PVE_PARAMETERS')
    assert.deepEqual(error.message.split('\n'), [
      'site: POST /nodes/pve1/qemu → 400',
      '  vmid: VM 100 already exists',
      '  net0: invalid format; net0.tag: value must be at most 4094',
    ])
  })

  it('a 400 without parameters has its message', () =>
    assert.match(refuse(write, 400, 'hotplug problem').message, /→ 400: hotplug problem$/))

  it('names the missing privilege and where it is missing', () => {
    const error = refuse(write, 403, 'Permission check failed (/vms/100, VM.Config.CPU|VM.Allocate)')
    assert.equal(error.code, 'E_PVE_DENIED')
    assert.match(error.suggestions.join('\n'), /^Missing: VM\.Config\.CPU or VM\.Allocate on \/vms\/100\./)
  })

  it('sends what only root may do to the root channel', () => {
    const error = refuse(write, 500, "only root can set 'args' config")
    assert.equal(error.code, 'E_PVE_DENIED')
    assert.match(error.suggestions.join('\n'), /root channel/)
  })

  it('takes the reason phrase where the body says nothing', () => {
    const answer = {
      status: 500,
      reason: "pool 'a' does not exist",
      contentType: 'application/json',
      text: '{"data":null}',
      tooLarge: false,
    }
    const error = toRefusal(read, answer, 'site')
    assert.equal(error.code, 'E_PVE_NOT_FOUND')
    assert.match(error.message, /→ 500: pool 'a' does not exist$/)
  })

  it('an unknown node is no missing thing: it could not be looked at', () => {
    const error = refuse(
      read,
      500,
      "hostname lookup 'n9' failed - failed to get address info for: n9: Name or service not known",
    )
    assert.equal(error.code, 'E_PVE_ANSWER')
    assert.match(error.suggestions.join(), /name of the node/)
  })
})
