// A router of the lab over SSH: there while its virtual machine runs, a fresh Debian at first, and as it was left afterwards.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { begin, confirm, putBack, stage, states } from '../host/guard-client.ts'
import { type LabHost, type Session, startHost } from '../host/lab-host.ts'
import { send } from '../lab-site.ts'

const BIRD = 'sh -c x orion-bird active 120 60'.split(' ')
const conf = (neighbor: string) =>
  [
    'router id 192.0.2.1;',
    'protocol static own6 { ipv6; route 2602:f674::/48 unreachable; }',
    'filter out { if proto = "own6" then accept; reject; }',
    'protocol bgp up {',
    `  local as 394955; neighbor ${neighbor} as 6939; local role customer;`,
    '  ipv6 { import all; export filter out; };',
    '}',
    '',
  ].join('\n')

describe('lab/router', () => {
  let host: LabHost
  beforeEach(async () => {
    host = await startHost({ routers: [{ name: 'edge', vmid: 200, release: 'trixie', domain: 'lan' }] })
  })
  afterEach(() => host.close())

  const post = async (path: string, params: Record<string, string> = {}, method = 'POST') => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const reply = await send(host.lab, path, { method, headers, body: `${new URLSearchParams(params)}` })
    assert.equal(reply.status, 200, reply.text)
    const task = `/nodes/pve1/tasks/${encodeURIComponent(String(reply.json.data))}/status`
    for (;;) {
      const { data } = (await send(host.lab, task)).json as { data: { status: string; exitstatus: string } }
      if (data.status === 'stopped') return assert.equal(data.exitstatus, 'OK')
      await sleep(20)
    }
  }
  const vm = '/nodes/pve1/qemu'
  const create = () =>
    post(vm, {
      vmid: '200',
      name: 'edge',
      scsi0: 'local-zfs:4',
      net0: 'virtio=02:00:00:00:00:AA,bridge=vmbr0',
      ipconfig0: 'ip=192.0.2.5/24,gw=192.0.2.1,ip6=2001:db8:6939::2/64',
      net1: 'virtio=02:00:00:00:00:BB,bridge=vmbr0',
      ipconfig1: 'ip=dhcp',
    })
  const start = () => post(`${vm}/200/status/start`)
  const stop = () => post(`${vm}/200/status/stop`)
  const install = (session: Session, ...names: string[]) => session.text('apt-get', '-y', 'install', ...names)
  const up = async () => {
    await create()
    await start()
    return host.connect('edge')
  }

  it('is not there before its virtual machine runs, nor after', async () => {
    await assert.rejects(host.connect('edge'))
    await create()
    await assert.rejects(host.connect('edge'))
    await start()
    const session = await host.connect('edge')
    assert.equal(await session.text('uname', '-n'), 'edge\n')
    await stop()
    await assert.rejects(session.text('uname', '-n'))
    await assert.rejects(host.connect('edge'))
  })

  it('is a fresh Debian with the NICs of the virtual machine, reached through the node', async () => {
    const session = await up()
    const links = JSON.parse(await session.text('ip', '-j', 'link')) as { ifname: string; address: string }[]
    assert.deepEqual(
      links.map(({ ifname, address }) => `${ifname} ${address}`),
      ['lo 00:00:00:00:00:00', 'ens18 02:00:00:00:00:aa', 'ens19 02:00:00:00:00:bb'],
    )
    assert.match(await session.text('cat', '/etc/os-release'), /^VERSION_CODENAME=trixie$/m)
    assert.match(await session.text('printenv', 'SSH_CONNECTION'), /^192\.0\.2\.10 \d+ 192\.0\.2\.5 22\n$/)
    for (const program of ['bird', 'birdc', 'nft', 'dnsmasq', 'bgpq4', 'pvesh', 'qm', 'ifreload'])
      assert.equal((await session.run([program])).code, 127, program)
  })

  it('has with a package its group, its unit and its program', async () => {
    const session = await up()
    const staged = { files: { '/etc/bird/x': 'x' }, groups: { '/etc/bird/x': 'bird' } }
    const refused = await stage(session, 'a', staged)
    assert.deepEqual([refused.code, refused.stderr], [1, 'there is no group bird\n'])
    assert.equal((await session.run(['getent', 'group', 'bird'])).code, 2)
    assert.match((await session.run(['apt-get', 'install', 'bird4'])).stderr, /Unable to locate package bird4/)
    await install(session, 'bird2', 'nftables')
    assert.match(await session.text('getent', 'group', 'bird'), /^bird:/)
    assert.equal(await session.text('systemctl', 'is-active', 'bird'), 'active\n')
    assert.equal((await session.run(['systemctl', 'is-active', 'nftables.service'])).code, 3)
    assert.match((await session.run(['systemctl', 'start', 'birds'])).stderr, /Unit birds\.service not found/)
    assert.match((await session.run(['bird', '--version'])).stderr, /^BIRD version 2\.17\.5$/m)
    assert.equal(await session.text('sh', '-c', 'bird --version 2>&1'), 'BIRD version 2.17.5\n')
    assert.match(await begin(session, 'a', staged), /armed/)
    assert.equal(await confirm(session, 'a'), 'confirmed\n')
    assert.match(
      await session.text('sh', '-c', '', 'orion-folders', '/etc/bird'),
      /^644 root:bird \S+ \/etc\/bird\/x$/m,
    )
  })

  it('keeps what was made through a restart of the machine and of the lab, and nothing through its end', async () => {
    const first = await up()
    await install(first, 'bird2')
    await first.text('sysctl', '-w', 'net.ipv4.ip_forward=1')
    await stop()
    await start()
    const second = await host.connect('edge')
    assert.equal(await second.text('sysctl', '-n', 'net.ipv4.ip_forward'), '0\n')
    assert.equal(await second.text('systemctl', 'is-active', 'bird.service'), 'active\n')
    await host.restart()
    const third = await host.connect('edge')
    assert.match(await third.text('birdc', 'show', 'status'), /Daemon is up and running/)
    await stop()
    await post(`${vm}/200`, {}, 'DELETE')
    const fourth = await up()
    assert.equal((await fourth.run(['birdc', 'show', 'status'])).code, 127)
  })

  it('activates BIRD under the guard, and puts it back with the sessions of before', async () => {
    const session = await up()
    await install(session, 'bird2')
    const change = { activate: [BIRD], check: [['bird', '-p', '-c', '/etc/bird/bird.conf']] }
    const protocols = () => session.text('birdc', '-v', 'show', 'protocols', 'all')
    const put = (text: string, window = 30) => ({ ...change, files: { '/etc/bird/bird.conf': text }, window })

    assert.match(await begin(session, 'a', put('protocol bgp {')), /^refused/)
    assert.match(await begin(session, 'b', put(conf('2001:db8:6939::1'))), /armed/)
    assert.equal(await confirm(session, 'b'), 'confirmed\n')
    assert.match(await protocols(), /^1002-up +BGP .* Established/m)
    const route = await session.text('birdc', '-v', 'show', 'route', '2602:f674::/48', 'export', 'up')
    assert.match(route, /^ {5}2602:f674::\/48 /m)

    await begin(session, 'c', put(conf('2001:db8:1::1'), 1))
    await session.run(['/usr/local/sbin/orion-guard', 'follow', 'c', '5'])
    assert.match(await protocols(), /^1002-up +BGP .* Active/m)
    await putBack(session, 'c')
    assert.match((await states(session))[0] ?? '', /^c restored not confirmed/)
    // The old files are there first, then BIRD reads them.
    while (!/^1002-up +BGP .* Established/m.test(await protocols())) await sleep(20)
  })

  it('undoes by itself what nobody confirms to BIRD', async () => {
    const session = await up()
    await install(session, 'bird2')
    const write = async (text: string) => {
      await begin(session, `w${text.length}`, { files: { '/etc/bird/bird.conf': text } })
      await confirm(session, `w${text.length}`)
    }
    await write(conf('2001:db8:6939::1'))
    assert.match(await session.text('birdc', '-v', 'configure'), /^0003 Reconfigured$/m)
    await write(conf('2001:db8:6939::17'))
    assert.match(await session.text('birdc', '-v', 'configure', 'timeout', '1'), /^0022-Undo scheduled in 1 s$/m)
    const neighbor = async () =>
      /Neighbor address: (\S+)/.exec(await session.text('birdc', 'show', 'protocols', 'all', 'up'))?.[1]
    assert.equal(await neighbor(), '2001:db8:6939::17')
    while ((await neighbor()) !== '2001:db8:6939::1') await sleep(50)
    assert.match(await session.text('birdc', '-v', 'configure', 'confirm'), /^0019 Nothing to do$/m)
    await write('protocol bgp {')
    const refused = await session.run(['birdc', '-v', 'configure'])
    assert.equal(refused.code, 1)
    assert.match(refused.stdout.toString(), /^8002 \/etc\/bird\/bird\.conf:1:\d+ /m)
  })
})
