// The API over pvesh: what is run for each call, and what its words mean.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import { connectPvesh } from '../../src/pve/connect.ts'
import type { Cluster } from '../../src/pve/pve.ts'
import { type PveshOutput, toAnswer } from '../../src/pve/pvesh.ts'

/** A cluster whose programs all end like that; what was run is in `ran`. */
function stage(output: Partial<PveshOutput>) {
  const ran: string[][] = []
  const run = async (argv: readonly string[]) => {
    ran.push([...argv])
    return { code: 0, stdout: '', stderr: '', ...output }
  }
  const pve = connectPvesh([{ name: 'Lab', nodes: ['n1'], run }], new AbortController().signal)
  return { ran, pve, cluster: pve.cluster('n1') }
}

type Call = (cluster: Cluster) => Promise<unknown>

describe('pvesh', () => {
  const calls: readonly [string, Call, string][] = [
    ['a read', ({ api }) => api.access.roles.$get(), 'get /access/roles'],
    [
      'a read with parameters',
      ({ api }) => api.cluster.resources.$get({ type: 'vm' }),
      'get /cluster/resources --type vm',
    ],
    [
      'a creation, an id as it is, a boolean as a number',
      ({ api }) => api.access.users.$('orion@pve').token.$('orion').$post({ privsep: false, comment: 'made by orion' }),
      'create /access/users/orion@pve/token/orion --privsep 0 --comment|made by orion',
    ],
    [
      'a change',
      ({ api }) => api.access.roles.$('Orion').$put({ privs: 'VM.Audit,VM.Config.CPU' }),
      'set /access/roles/Orion --privs VM.Audit,VM.Config.CPU',
    ],
    ['a removal', ({ api }) => api.access.users.$('a+b@pve').$delete(), 'delete /access/users/a+b@pve'],
    [
      'a value with everything that a shell or a form would read',
      ({ api }) => api.access.roles.$post({ roleid: 'x', privs: `-a b&c=d+e%20;$(id) 'é"` }),
      `create /access/roles --roleid x --privs|-a b&c=d+e%20;$(id) 'é"`,
    ],
  ]
  for (const [name, call, line] of calls) {
    it(name, async () => {
      const { ran, cluster } = stage({ stdout: 'null' })
      await call(cluster)
      const words = line.split('|').flatMap((part, index) => (index === 0 ? part.split(' ') : [part]))
      assert.deepEqual(ran, [['pvesh', ...words, '--output-format', 'json']])
    })
  }

  const answers: readonly [string, string, unknown][] = [
    ['JSON', '[{"roleid":"Orion"}]\n', [{ roleid: 'Orion' }]],
    ['nothing', '', null],
    ['a text', '"UPID:n1:x"', 'UPID:n1:x'],
    ['the log of a task, then its name', 'creating volume\n42% done\n"UPID:n1:x"\n', 'UPID:n1:x'],
  ]
  for (const [name, stdout, data] of answers) {
    it(`reads ${name}`, async () => assert.deepEqual(await stage({ stdout }).cluster.api.access.roles.$get(), data))
  }

  const refusals: readonly [string, number, string, string, RegExp][] = [
    ['a missing user', 255, "no such user ('orion@pve')\n", 'E_PVE_NOT_FOUND', /no such user/],
    ['a missing role', 2, "role 'Orion' does not exist\n", 'E_PVE_NOT_FOUND', /does not exist/],
    [
      'a wrong parameter, without the usage that follows',
      255,
      "400 Parameter verification failed.\nprivs: invalid format - no such privilege 'VM.Monitor'\n\npvesh create <api_path> [OPTIONS]\n",
      'E_PVE_PARAMETERS',
      /→ 400\n {2}privs: invalid format - no such privilege 'VM\.Monitor'$/,
    ],
    ['a right that is missing', 255, '403 Permission check failed (/, Sys.Modify)\n', 'E_PVE_DENIED', /403/],
    [
      'a path that this version does not know',
      255,
      "no 'get' handler for '/access/roles'\n",
      'E_PVE_ANSWER',
      /handler/,
    ],
    ['a lock', 255, "500 can't lock file '/var/lock/x' - got timeout\n", 'E_PVE_BUSY', /lock file/],
    ['no pvesh', 127, 'sh: 1: pvesh: not found\n', 'E_PVE_ANSWER', /no pvesh/],
    ['no words', 9, '', 'E_PVE_ANSWER', /exit code 9/],
    [
      'an error behind complaints about the locale',
      255,
      'perl: warning: Setting locale failed.\nperl: warning: Please check that your locale settings:\n\tLC_ALL = (unset),\n    are supported and installed on your system.\n403 no\n',
      'E_PVE_DENIED',
      /→ 403: no$/,
    ],
  ]
  for (const [name, code, stderr, wanted, text] of refusals) {
    it(`says what ${name} is`, async () => {
      await assert.rejects(stage({ code, stderr }).cluster.api.access.roles.$get(), { code: wanted, message: text })
    })
  }

  it('reads once more where the connection broke, and writes once only', async () => {
    let runs = 0
    const run = async () => {
      runs += 1
      if (runs === 1) throw new OrionError('gone', { code: 'E_HOST_LOST', recheck: true })
      return { code: 0, stdout: '[]', stderr: '' }
    }
    const { api } = connectPvesh([{ name: 'Lab', nodes: ['n1'], run }], new AbortController().signal).cluster('n1')
    assert.deepEqual(await api.access.roles.$get(), [])
    runs = 0
    await assert.rejects(api.access.roles.$('x').$delete(), { code: 'E_HOST_LOST', recheck: true })
    assert.equal(runs, 1)
  })

  it('is root@pam, and knows the version', async () => {
    const { cluster } = stage({ stdout: '{"version":"9.1.4"}' })
    assert.equal(await cluster.who(), 'root@pam')
    assert.equal((await cluster.version()).major, 9)
  })

  it('sends no secret: every process of the host could read it', async () => {
    const { ran, cluster } = stage({})
    await assert.rejects(cluster.api.access.users.$post({ userid: 'a@pve', password: 'geheim' }), (error: Error) => {
      assert.doesNotMatch(error.stack ?? '', /geheim/)
      return 'code' in error && error.code === 'E_PVE_PARAMETERS'
    })
    assert.deepEqual(ran, [])
  })

  it('sends no id with a slash, as pvesh would take it for two', async () => {
    const { ran, cluster } = stage({})
    await assert.rejects(cluster.api.access.users.$('a/b').$delete(), { code: 'E_PVE_PARAMETERS' })
    assert.deepEqual(ran, [])
  })

  it('shares reads until something is written, also where that fails', async () => {
    const { ran, cluster } = stage({ stdout: '[]' })
    const read = () => cluster.once('roles', () => cluster.api.access.roles.$get())
    await Promise.all([read(), read()])
    assert.equal(ran.length, 1)
    await cluster.api.access.roles.$('x').$delete()
    await read()
    assert.equal(ran.length, 3)
  })

  it('says nothing of what a write printed that cannot be read: it may be a secret', async () => {
    await assert.rejects(stage({ stdout: '{"value":"geheim' }).cluster.api.access.roles.$get(), (error: Error) => {
      assert.doesNotMatch(error.stack ?? '', /geheim/)
      return true
    })
  })

  it('takes a number only where it stands first', () => {
    assert.equal(toAnswer({ code: 255, stdout: '', stderr: 'exit 400 Parameter\n' }).status, 500)
  })
})
