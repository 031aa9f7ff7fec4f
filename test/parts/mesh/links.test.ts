// The file set `mesh` of one gateway: what its files shall be while others are silent or new, what is not in force, what stands against it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { meshProgram } from '../../../src/parts/mesh/interfaces.ts'
import { identityPath, LINKS_DIR, linkPath, MESH_PROGRAM } from '../../../src/parts/mesh/link-paths.ts'
import { links, linksFacts } from '../../../src/parts/mesh/links.ts'
import { type Gateway, gatewayOf } from '../../../src/parts/mesh/model.ts'
import { type HostFacts, NOTHING, READ_AT } from '../../../src/resources/host-facts.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { filesOf, identityOf, keyOf, linkHost, meshHost, NOW } from './link-host.ts'
import { type MeshSite, meshSite } from './routing-world.ts'

const same = (mesh: Mesh): Mesh => mesh

interface Stage {
  readonly site: MeshSite
  readonly gateway: Gateway
  readonly set: ReturnType<typeof links>
  /** Everybody answers, with keys, but those that the test says otherwise of. */
  others(changes?: Readonly<Record<string, HostFacts | undefined>>): NonNullable<HostFacts['others']>
}

async function stage(name = 'fra-1', change = same, making: readonly string[] | undefined = undefined): Promise<Stage> {
  const site = await meshSite(change)
  const gateway = gatewayOf(site, name)
  assert.ok(gateway)
  const isMaking = (one: string) => making?.includes(one) ?? true
  const set = links(site, gateway, { wish: {}, others: {}, isMaking })
  const others: Stage['others'] = (changes = {}) =>
    new Map(gateway.links.map(({ peer }) => [peer.name, peer.name in changes ? changes[peer.name] : linkHost(peer)]))
  return { site, gateway, set, others }
}

/** PublicKey of each link's file; undefined where there shall be none. */
function keysIn(files: ReturnType<Stage['set']['files']>): Record<string, string | undefined> {
  const rows = files.filter(({ path }) => path.startsWith(LINKS_DIR))
  return Object.fromEntries(
    rows.map(({ path, text }) => [path.slice(LINKS_DIR.length + 1, -5), /^PublicKey = (.*)$/m.exec(text ?? '')?.[1]]),
  )
}

describe('parts/mesh/links', () => {
  it('reads nothing secret of a host', async () => {
    const { site, gateway } = await stage()
    const { files = [], folders = [], commands = {} } = linksFacts(site, gateway)
    assert.deepEqual(
      [...files, ...folders].filter((path) => /keys|\.pem$/.test(path)),
      [],
    )
    const texts = [...Object.values(commands).flat(), meshProgram().text ?? '']
    for (const text of texts)
      assert.doesNotMatch(text, /\bdump\b|showconf|show \S+ (private-key|preshared-keys)|set -\w*x/)
  })

  it('is checked where the program is; undoing its creation has nothing to check', async () => {
    const { set } = await stage()
    const [[command = '', ...args] = []] = set.check ?? []
    for (const [program, code] of [
      ['/nowhere/orion-mesh', 0],
      ['/bin/false', 1],
    ] as const) {
      const argv = args.map((word) => word.replace(MESH_PROGRAM, program))
      assert.equal(spawnSync(command, argv).status, code)
    }
  })

  describe('files', () => {
    it('have a word in place of every key while nobody was asked', async () => {
      const { set } = await stage()
      const word = (name: string) => `(${name} makes it)`
      const want = { 'wg-kel-1': word('kel-1'), 'wg-rey-1': word('rey-1'), 'wg-van-1': word('van-1') }
      assert.deepEqual(keysIn(set.files(NOTHING)), want)
    })

    it('have the key that the other end has for this link', async () => {
      const { set, others } = await stage()
      const keys = keysIn(set.files({ ...NOTHING, others: others() }))
      assert.deepEqual(keys, {
        'wg-kel-1': keyOf('kel-1/wg-fra-1'),
        'wg-rey-1': keyOf('rey-1/wg-fra-1'),
        'wg-van-1': keyOf('van-1/wg-fra-1'),
      })
    })

    it('wait for a silent end, or one whose keys this run does not make, and say so', async () => {
      const { gateway, set, others } = await stage('fra-1', same, ['kel-1'])
      const kel = gateway.links.find(({ peer }) => peer.name === 'kel-1')?.peer
      const rey = gateway.links.find(({ peer }) => peer.name === 'rey-1')?.peer
      assert.ok(kel && rey)
      const changes = {
        'kel-1': linkHost(kel, { keys: false }),
        'rey-1': linkHost(rey, { keys: false }),
        'van-1': undefined,
      }
      const seen = { ...NOTHING, others: others(changes) }
      assert.deepEqual(keysIn(set.files(seen)), { 'wg-kel-1': '(kel-1 makes it)' })
      assert.deepEqual(set.drift?.(seen), [
        { field: 'link fra-1~rey-1', want: 'a tunnel to rey-1', waits: 'other' },
        { field: 'link fra-1~van-1', want: 'a tunnel to van-1', waits: 'other' },
      ])
    })

    it('keep of a silent end exactly what stands there', async () => {
      const { set, others } = await stage()
      const before = set.files({ ...NOTHING, others: others() })
      const old = before.map((file) =>
        file.path === linkPath('wg-van-1') ? { ...file, text: `${file.text}# by hand\n` } : file,
      )
      const seen = { ...NOTHING, files: filesOf(old), others: others({ 'van-1': undefined }) }
      const text = set.files(seen).find(({ path }) => path === linkPath('wg-van-1'))?.text
      assert.match(text ?? '', /# by hand\n$/)
      assert.deepEqual(
        set.drift?.(seen)?.filter(({ waits }) => waits),
        [],
      )
    })

    it('take no word of a host for a key', async () => {
      const { gateway, set, others } = await stage()
      const kel = gateway.links[0]?.peer
      assert.ok(kel)
      const zero = `${'A'.repeat(43)}=`
      for (const said of ['x\nPostUp = reboot', 'wg-fra-1 AAAA', `wg-fra-1 ${zero}`, '']) {
        const facts = linkHost(kel)
        const commands = new Map([...facts.commands, ['mesh-public', { code: 0, stdout: said, stderr: '' }]])
        const keys = keysIn(set.files({ ...NOTHING, others: others({ [kel.name]: { ...facts, commands } }) }))
        assert.equal(keys[`wg-${kel.name}`], `(${kel.name} makes it)`)
      }
    })

    it('of links and peers that are gone go, and nothing of people goes', async () => {
      const { set, others } = await stage()
      const more = ['links/wg-old.conf', 'identities/old-1.pub', 'links/wg-clients.conf', 'clients/ann']
      const there = more.map((name) => ({ path: `/etc/orion/mesh/${name}`, text: 'x\n' }))
      const files = set.files({ ...NOTHING, files: filesOf(there), others: others() })
      const gone = files.filter(({ text }) => text === undefined).map(({ path }) => path)
      assert.deepEqual(gone, [linkPath('wg-old'), identityPath('old-1')])
    })

    it('hold no secret, and the program is run by root alone', async () => {
      const { set, others } = await stage()
      const files = set.files({ ...NOTHING, others: others() })
      assert.ok(files.every(({ path }) => !path.startsWith('/etc/orion/mesh/keys')))
      assert.equal(files.find(({ path }) => path === MESH_PROGRAM)?.mode, 0o755)
      assert.ok(files.every(({ path, mode }) => mode === undefined || path === MESH_PROGRAM))
    })

    it('are routes, too, where they are written down', async () => {
      const routes = (files: ReturnType<Stage['set']['files']>) => files.find(({ path }) => path.endsWith('/routes'))
      const { set, others } = await stage('rey-1', (mesh) => ({ ...mesh, routing: 'static' }))
      assert.match(routes(set.files({ ...NOTHING, others: others() }))?.text ?? '', /^10\.3\.0\.0\/24 dev wg-fra-1$/m)
      const bgp = await stage('rey-1')
      const files = filesOf([{ path: '/etc/orion/mesh/routes', text: 'x' }])
      assert.deepEqual(routes(bgp.set.files({ ...NOTHING, files, others: bgp.others() })), {
        path: '/etc/orion/mesh/routes',
        text: undefined,
      })
      assert.equal(routes(bgp.set.files({ ...NOTHING, others: bgp.others() })), undefined)
    })
  })

  describe('identities', () => {
    it('are learned once and kept; another one stops everything', async () => {
      const { gateway, set, others } = await stage()
      const files = set.files({ ...NOTHING, others: others() })
      const kel = files.find(({ path }) => path === identityPath('kel-1'))?.text ?? ''
      assert.equal(kel.replace(/-----.*-----|\n/g, ''), identityOf('kel-1'))
      const peer = gateway.links.find((end) => end.peer.name === 'kel-1')?.peer
      assert.ok(peer)
      const facts = linkHost(peer)
      const text = facts.commands.get('mesh-public')?.stdout.replace(identityOf('kel-1'), identityOf('evil'))
      const commands = new Map([...facts.commands, ['mesh-public', { code: 0, stdout: text ?? '', stderr: '' }]])
      const seen = { ...NOTHING, files: filesOf(files), others: others({ 'kel-1': { ...facts, commands } }) }
      assert.equal(set.files(seen).find(({ path }) => path === identityPath('kel-1'))?.text, kel)
      const [difference] = set.drift?.(seen) ?? []
      assert.equal(difference?.field, 'identity of kel-1')
      assert.equal(difference?.immutable, true)
      assert.match(difference?.hint ?? '', /orion mesh rotate --identity kel-1/)
    })

    it('are none of a mesh that is classical', async () => {
      const { set, others } = await stage('fra-1', ({ postQuantum: _, ...mesh }) => mesh)
      const files = set.files({ ...NOTHING, others: others() })
      assert.deepEqual(
        files.filter(({ path }) => path.includes('identities')),
        [],
      )
    })

    it('of nobody any more go, and their keys fill no page', async () => {
      const { set, others } = await stage('fra-1', ({ postQuantum: _, ...mesh }) => mesh)
      const path = identityPath('kel-1')
      const files = filesOf([{ path, text: '-----BEGIN PUBLIC KEY-----\nAAAA\n' }])
      const gone = set.files({ ...NOTHING, files, others: others() }).find((file) => file.path === path)
      assert.deepEqual(gone, { path, text: undefined, opaque: true })
    })
  })

  describe('in force', () => {
    const drift = async (options: Parameters<typeof meshHost>[2]) => {
      const { gateway, set, others } = await stage()
      const all = others()
      const seen = { ...meshHost(gateway, set.files({ ...NOTHING, others: all }), options), others: all }
      return (set.drift?.(seen) ?? []).map(({ field, have }) => `${field}: ${have}`)
    }
    const ROWS: readonly (readonly [string, Parameters<typeof meshHost>[2], readonly string[]])[] = [
      ['everything', {}, []],
      ['no link', { without: ['link wg-kel-1'] }, ['wg-kel-1: absent']],
      [
        'a link that is down',
        { without: ['link wg-kel-1'], more: ['link wg-kel-1 5180 1420 down'] },
        ['wg-kel-1: down'],
      ],
      ['no address', { without: ['address wg-kel-1 10'] }, ['wg-kel-1 address 10.99.3.1/32: absent']],
      ['another port', { without: ['listen-port wg-kel-1'], more: ['listen-port wg-kel-1 1'] }, ['wg-kel-1 port: 1']],
      [
        'another peer',
        { without: ['allowed-ips wg-kel-1'], more: [`allowed-ips wg-kel-1 ${keyOf('x')} ::/0`] },
        ['wg-kel-1 peers: others'],
      ],
      [
        'a peer that may send less',
        {
          without: ['allowed-ips wg-kel-1'],
          more: [`allowed-ips wg-kel-1 ${keyOf('kel-1/wg-fra-1')} 10.2.0.0/24`],
        },
        ['wg-kel-1 allowed addresses: 10.2.0.0/24'],
      ],
      ['no rule', { without: ['rule 6'] }, ['rule 5180 of IPv6: absent']],
    ]
    for (const [what, options, want] of ROWS)
      it(`${what}: ${want.join(', ') || 'as wanted'}`, async () => assert.deepEqual(await drift(options), want))

    it('a unit that somebody stopped is told', async () => {
      const { gateway, set, others } = await stage()
      const all = others()
      const facts = meshHost(gateway, set.files({ ...NOTHING, others: all }))
      const stopped = { code: 0, stdout: 'LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\n', stderr: '' }
      const commands = new Map([...facts.commands, ['unit orion-mesh.service', stopped]])
      assert.deepEqual(set.drift?.({ ...facts, commands, others: all }), [
        { field: 'orion-mesh.service', have: 'inactive', want: 'active' },
      ])
    })
  })

  it('says that preshared keys stay in force where the site file wants none any more', async () => {
    const off = ({ postQuantum: _, ...mesh }: Mesh): Mesh => mesh
    const kept = async (change: (mesh: Mesh) => Mesh, more: readonly string[]) => {
      const { gateway, set, others } = await stage('fra-1', change)
      const files = set.files({ ...NOTHING, others: others() })
      const seen = { ...meshHost(gateway, files, { more }), others: others() }
      return (set.drift?.(seen) ?? []).map(({ field, have, waits }) => `${field}: ${have} (${waits})`)
    }
    const there = ['preshared wg-kel-1', 'preshared wg-van-1']
    assert.deepEqual(await kept(off, there), ['preshared keys: in force with kel-1, van-1 (operator)'])
    assert.deepEqual(await kept(off, []), [])
    assert.deepEqual(await kept(same, there), [])
  })

  describe('a change', () => {
    it('interrupts a link whose port or key is another, and one that ends; no other', async () => {
      const { gateway, set, others } = await stage()
      const all = others()
      const files = set.files({ ...NOTHING, others: all })
      const seen = (change: (text: string) => string, more: Parameters<typeof filesOf>[0] = []) => {
        const old = files.map((file) =>
          file.path === linkPath('wg-kel-1') ? { ...file, text: change(file.text ?? '') } : file,
        )
        return { ...meshHost(gateway, [...old, ...more]), others: all }
      }
      assert.equal(set.disrupts?.(seen((text) => text)), undefined)
      assert.equal(set.disrupts?.(seen((text) => text.replace(/Endpoint.*/, 'Endpoint = 1.2.3.4:5'))), undefined)
      const until = 'the tunnel to kel-1 (until its other end is done)'
      assert.equal(set.disrupts?.(seen((text) => text.replace(/ListenPort = \d+/, 'ListenPort = 1'))), until)
      assert.equal(set.disrupts?.(seen((text) => text.replace(/PublicKey = .*/, 'PublicKey = x'))), until)
      const old = [{ path: linkPath('wg-old'), text: 'x' }]
      assert.equal(set.disrupts?.(seen((text) => text, old)), 'the tunnel wg-old for good')
    })

    it('is proved by the links that worked before, but for those whose other end is still to be changed', async () => {
      const { gateway, set, others } = await stage()
      const files = set.files({ ...NOTHING, others: others() })
      const before = meshHost(gateway, files)
      const dead = { without: ['answers wg-kel-1', 'answers wg-van-1'] }
      assert.deepEqual(set.prove?.(before, before), [])
      assert.deepEqual(set.prove?.(before, meshHost(gateway, files, dead)), [
        'kel-1 does not answer through its tunnel any more',
        'van-1 does not answer through its tunnel any more',
      ])
      assert.deepEqual(set.prove?.(meshHost(gateway, files, dead), meshHost(gateway, files, dead)), [])
      const other = files.map((file) =>
        file.path === linkPath('wg-kel-1')
          ? { ...file, text: file.text?.replace(/ListenPort = \d+/, 'ListenPort = 1') }
          : file,
      )
      assert.deepEqual(set.prove?.(before, meshHost(gateway, other, dead)), [
        'van-1 does not answer through its tunnel any more',
      ])
    })
  })

  describe('problems', () => {
    const problems = async (
      live: readonly string[],
      commands: Readonly<Record<string, string>> = {},
      files: HostFacts['files'] = new Map(),
    ) => {
      const { gateway, set } = await stage()
      const facts = linkHost(gateway, { live })
      const more = Object.entries(commands).map(([name, stdout]) => [name, { code: 0, stdout, stderr: '' }] as const)
      return set.problems?.({ files, commands: new Map([...facts.commands, ...more]) })
    }
    const ROWS: readonly (readonly [string, readonly string[], RegExp | undefined])[] = [
      ['nothing in the way', [], undefined],
      ['no WireGuard', ['wireguard none'], /no WireGuard.*wireguard-go/],
      ['wireguard-go', ['wireguard go'], undefined],
      ['IPv6 off', ['ipv6 off'], /IPv6 is off/],
      [
        'a port that is taken',
        ['udp 51823'],
        /UDP port 51823 \(the tunnel to kel-1\) is taken: mesh\.gateways\.fra-1\.port/,
      ],
      [
        'a port that another WireGuard has',
        ['link fabric0 default 1420 up', 'public-key fabric0 x', 'listen-port fabric0 51822', 'udp 51822'],
        /UDP port 51822 \(the tunnel to van-1\) is taken by the interface fabric0/,
      ],
      [
        'a port of our own',
        ['link wg-kel-1 5180 1420 up', 'public-key wg-kel-1 x', 'listen-port wg-kel-1 51823', 'udp 51823'],
        undefined,
      ],
      [
        'a name that is taken',
        ['link wg-kel-1 default 1500 up'],
        /an interface wg-kel-1 is there that orion did not make/,
      ],
      [
        'one that was killed before it was marked',
        ['link wg-kel-1 default 1420 down', 'public-key wg-kel-1 (none)', 'listen-port wg-kel-1 0'],
        undefined,
      ],
      ['a clock that is behind', [`clock ${NOW - 300}`], /its clock is 5 min behind this machine's/],
      ['a clock that is ahead', [`clock ${NOW + 36_000}`], /its clock is 10 h ahead of this machine's/],
      ['a clock that is right', [`clock ${NOW + 119}`], undefined],
      ['a rule of somebody else', ['rule 4 5180 100'], /a rule of somebody else .*5180: table 100/],
      ['a table of somebody else', ['rule 4 100 5180'], /a rule of somebody else .*100: table 5180/],
      ['a rule of our own', ['rule 4 5180 5180', 'rule 4 32766 254'], undefined],
      ['routes of somebody else', ['route 4 4 10.9.0.0/16'], /table 5180 has routes of somebody else: 10\.9\.0\.0\/16/],
      ['a wire in a mesh route', ['connected 10.2.0.0/24 vmbr1'], /10\.2\.0\.0\/24 is on vmbr1 .* leads it to kel-1/],
      ['a part of a mesh route', ['connected 10.2.0.128/25 vmbr1'], /10\.2\.0\.128\/25 is on vmbr1/],
      ['our own wire', ['connected 10.3.0.0/24 vmbr0', 'connected fe80::/64 vmbr0'], undefined],
      ['a wire that holds mesh routes', ['connected 10.0.0.0/12 vmbr0'], undefined],
      [
        'a wire in the mesh',
        ['connected 10.99.7.0/24 docker0'],
        /10\.99\.7\.0\/24 on docker0 .* overlaps mesh\.network/,
      ],
    ]
    for (const [what, live, want] of ROWS)
      it(`${what}: ${want ?? 'none'}`, async () => {
        const found = (await problems(live)) ?? []
        if (want === undefined) assert.deepEqual(found, [])
        else assert.match(found.join('\n'), want)
        assert.ok(found.length <= 1, found.join('\n'))
      })

    it('BIRD may have routes in the table once the mesh is there', async () => {
      const there = filesOf([{ path: MESH_PROGRAM, text: '' }])
      assert.deepEqual(await problems(['route 4 12 10.2.0.0/24'], {}, there), [])
      assert.equal((await problems(['route 4 12 10.2.0.0/24']))?.length, 1)
    })

    it('a host that was not read has none, nor one whose reading has no time', async () => {
      const { set } = await stage()
      assert.deepEqual(set.problems?.(NOTHING), [])
      assert.deepEqual(await problems([`clock ${NOW - 9999}`], { [READ_AT]: '' }), [])
    })
  })
})
