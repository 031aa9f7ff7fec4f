// The programs that a lab's host answers to.
import assert from 'node:assert/strict'
import { extract } from 'tar-stream'
import { quote } from '../../../src/host/quote.ts'
import { HARDWARE, type LabHost, type Session, startHost } from './lab-host.ts'

describe('lab/host/programs', () => {
  let host: LabHost
  let session: Session
  before(async () => {
    const [node] = HARDWARE.nodes
    assert.ok(node)
    host = await startHost({ nodes: [{ ...node, neighbours: ['fe80::1'] }] })
    session = await host.connect()
  })
  after(() => host.close())

  // In order: each goes on with what the ones before have left.
  const rows: [argv: string[], code: number, output: RegExp | string][] = [
    [['frobnicate', 'x'], 127, /^sh: 1: frobnicate: not found\nThis host is simulated by orion lab/],
    [['/usr/bin/cat', '/etc/hostname'], 0, 'pve1\n'],
    [['cat', '/nope'], 1, 'cat: /nope: No such file or directory\n'],
    [['cat', '/etc/os-release'], 0, /VERSION_CODENAME=trixie/],
    [['cat', '/proc/meminfo'], 0, 'MemTotal:       67108864 kB\n'],
    [['sudo', '-n', '--', 'timeout', '-k', '5', '60', 'id', '-u'], 0, '0\n'],
    [['env', 'LC_ALL=C', 'hostname'], 0, 'pve1\n'],
    [['sh', '-c', 'hostname'], 0, 'pve1\n'],
    [['uname', '-n'], 0, 'pve1\n'],
    [['sh', '-c', 'a | b'], 127, /one command at a time, without a shell: a \| b/],
    [
      ['sysctl', '-n', 'vm.swappiness', 'vm.nonsense'],
      1,
      /^60\nsysctl: cannot stat \/proc\/sys\/vm\/nonsense: No such/,
    ],
    [['sysctl', '-w', 'net.ipv4.conf.eno1.rp_filter=2'], 0, 'net.ipv4.conf.eno1.rp_filter = 2\n'],
    [['sysctl', '-a', '--pattern', '^vm\\.[^.]*$'], 0, /^vm.dirty_background_ratio = 10\n[\s\S]*vm.swappiness = 60\n/],
    [['sh', '-c', '', 'orion-sysctl', '/nope', 'vm.swappiness=5'], 0, ''],
    [['sysctl', '-w', 'net.ipv4.tcp_rmem=4096  87380 0x600000'], 0, 'net.ipv4.tcp_rmem = 4096  87380 0x600000\n'],
    [['sysctl', '-w', 'net.core.default_qdisc=fq'], 0, 'net.core.default_qdisc = fq\n'],
    [
      ['sh', '-c', '', 'orion-sysctl', '/nope', 'net.ipv4.ip_forward=banana'],
      1,
      'sysctl: setting key "net.ipv4.ip_forward": Invalid argument\n',
    ],
    [['sysctl', '-n', 'net.ipv4.ip_forward'], 0, '0\n'],
    [['sysctl', 'vm.swappiness'], 0, 'vm.swappiness = 5\n'],
    [['dpkg-query', '-W', 'ifupdown2'], 0, /^ifupdown2\t3\.3\.0-1\+pmx/],
    [
      ['dpkg-query', '-W', '-f', '$' + '{binary:Package} $' + '{db:Status-Status}\\n', 'jq'],
      1,
      /no packages found matching jq/,
    ],
    [['apt-get', '-o', 'DPkg::Lock::Timeout=1', 'install', '-y', '--', 'jq'], 0, 'Setting up jq (1.0-1) ...\n'],
    [['dpkg-query', '-W', '-f', '$' + '{binary:Package} $' + '{db:Status-Status}\\n', 'jq'], 0, 'jq installed\n'],
    [
      ['apt-get', 'install', 'no-such-thing'],
      100,
      /^E: Unable to locate package no-such-thing\nN: .*well-known packages only\n$/,
    ],
    [['apt-get', 'install', 'htop', 'htopp-nonexistent'], 100, /^E: Unable to locate package htopp-nonexistent\n/],
    [['test', '-e', '/usr/share/zoneinfo/Europe/Berlin'], 0, ''],
    [['test', '-e', '/usr/share/zoneinfo/Europe/Nowhere'], 1, ''],
    [['timedatectl', 'set-timezone', 'Europe/Berlin'], 0, ''],
    [['timedatectl', 'show', '-p', 'Timezone'], 0, 'Timezone=Europe/Berlin\n'],
    [['timedatectl', 'set-timezone', 'Europe/Nowhere'], 1, /Invalid or not installed time zone/],
    [['systemctl', 'is-active', 'x.service'], 3, 'inactive\n'],
    [['systemctl', 'enable', 'x.service'], 0, ''],
    [['systemctl', 'is-enabled', 'x.service'], 0, 'enabled\n'],
    [
      ['openssl', 'x509', '-noout', '-fingerprint', '-sha256', '-in', '/etc/pve/local/pve-ssl.pem'],
      0,
      /^sha256 Fingerprint=([0-9A-F]{2}:){31}/,
    ],
    [['openssl', 'x509', '-noout', '-fingerprint', '-in', '/etc/pve/nodes/pve1/pveproxy-ssl.pem'], 1, /Could not open/],
    [['ping', '-c', '1', '192.0.2.1'], 0, /64 bytes from 192\.0\.2\.1/],
    [['ping', '-c', '1', '192.0.2.99'], 1, /^PING 192/],
    [['ip', '-j', 'route', 'get', '9.9.9.9'], 0, /"gateway":"192\.0\.2\.1","dev":"vmbr0","prefsrc":"192\.0\.2\.10"/],
    [['ip', '-j', 'link', 'show', 'dev', 'eno7'], 1, 'Device "eno7" does not exist.\n'],
    [
      ['ip', '-j', 'link', 'show', 'master', 'vmbr0'],
      0,
      /^\[\{"ifindex":2,"ifname":"eno1"[\s\S]*"info_slave_kind":"bridge"/,
    ],
    [['ip', '-j', 'neigh'], 0, /^\[\{"dst":"192\.0\.2\.1","dev":"vmbr0"[\s\S]*"dst":"192\.0\.2\.250"/],
    [['ifreload'], 1, /usage/],
    [['sh', '-c', '', 'orion-swap-look', '/dev/sdb3'], 0, 'device - devtmpfs - /dev/sdb3\n'],
    [['sh', '-c', '', 'orion-swap-look', '/etc/passwd'], 0, /^file \d+ zfs - \/etc\/passwd\n$/],
    [['sh', '-c', '', 'orion-swap-look', '/etc'], 0, 'other - zfs - /etc\n'],
    [['sh', '-c', '', 'orion-arc', '/nope', '/sys/x', '1', '0'], 0, ''],
    [['cat', '/sys/x'], 0, '0\n'],
    [['apt-get', 'install', 'systemd-zram-generator'], 0, /Setting up/],
  ]
  for (const [argv, code, output] of rows) {
    it(argv.join(' ').slice(0, 70), async () => {
      const ran = await session.run(argv)
      const said = ran.stdout.toString() + ran.stderr
      assert.equal(ran.code, code, said)
      if (typeof output === 'string') assert.equal(said, output)
      else assert.match(said, output)
    })
  }

  it('reads commands and files in one go, bytes as they are', async () => {
    const bytes = Buffer.from([0, 255, 254, 10])
    const names = ['/etc/-x', "/etc/it's 'a' \"b\"", '/etc/binary']
    const write = ['sh', '-c', '', 'orion-write', '3', ...names, '/etc/debian_version']
    const { pack } = await import('tar-stream')
    const tar = pack()
    for (const name of names) tar.entry({ name, mode: 0o640 }, bytes)
    tar.finalize()
    const sent: Buffer[] = []
    for await (const chunk of tar) sent.push(chunk as Buffer)
    assert.equal((await session.run(write, Buffer.concat(sent))).code, 0)

    const asked = [...names, '/etc/debian_version', '/etc/localtime', '/etc/apt']
    const commands = ['0', quote(['hostname']), '1', quote(['nope']), '2', quote(['cat', '/etc/binary'])]
    const { stdout } = await session.run([
      'sh',
      '-c',
      '',
      'orion-read',
      '20',
      String(asked.length),
      ...asked,
      ...commands,
    ])
    const head = `0 0 ${Buffer.from('pve1\n').toString('base64')}\n1 127 \n2 0 ${bytes.toString('base64')}\n\n`
    assert.equal(stdout.subarray(0, head.length).toString(), head)
    const found: [string, string | null | undefined, string][] = []
    const reader = extract()
    reader.end(stdout.subarray(head.length))
    for await (const entry of reader) {
      const chunks: Buffer[] = []
      for await (const chunk of entry) chunks.push(chunk as Buffer)
      const { name, type, linkname } = entry.header
      found.push([name, type, linkname ?? Buffer.concat(chunks).toString('hex')])
    }
    assert.deepEqual(found, [
      ...names.map((name) => [name, 'file', bytes.toString('hex')]),
      ['/etc/localtime', 'symlink', '../usr/share/zoneinfo/Europe/Berlin'],
      ['/etc/apt', 'directory', ''],
    ])
    const listed = await session.text('sh', '-c', '', 'orion-folders', '/etc')
    assert.ok(listed.split('\n').includes(`640 root:root ${bytes.toString('base64')} /etc/binary`))
  })

  it('swaps to what units and the zram generator say', async () => {
    const put = async (path: string, text: string) => {
      const { pack } = await import('tar-stream')
      const tar = pack()
      tar.entry({ name: path, mode: 0o644 }, text)
      tar.finalize()
      const sent: Buffer[] = []
      for await (const chunk of tar) sent.push(chunk as Buffer)
      await session.run(['sh', '-c', '', 'orion-write', '1', path], Buffer.concat(sent))
    }
    await put('/etc/systemd/system/dev-sdb3.swap', '[Swap]\nWhat=/dev/sdb3\nPriority=7\n')
    await put(
      '/etc/systemd/zram-generator.conf.d/90-orion.conf',
      '[zram0]\nzram-size = ram * 50 / 100\nswap-priority = 100\n',
    )
    await session.text(
      'sh',
      '-c',
      '',
      'orion-swap',
      '/etc/systemd/system/dev-sdb3.swap',
      '/dev/sdb3',
      '0',
      'device',
      'yes',
    )
    await session.text('sh', '-c', '', 'orion-zram')
    const rows = (await session.text('cat', '/proc/swaps')).trim().split('\n').slice(1)
    assert.deepEqual(
      rows.map((row) => row.split(/\s+/)),
      [
        ['/dev/sdb3', 'partition', '8388608', '0', '7'],
        ['/dev/zram0', 'partition', '33554432', '0', '100'],
      ],
    )
    await put('/etc/systemd/system/swapfile.swap', '[Swap]\nWhat=/swapfile\n')
    const file = (mib: number) =>
      session.run([
        'sh',
        '-c',
        '',
        'orion-swap',
        '/etc/systemd/system/swapfile.swap',
        '/swapfile',
        `${mib}`,
        'file',
        'yes',
      ])
    const { code, stderr } = await file(80 * 1024 * 1024)
    assert.deepEqual([code, stderr], [1, 'no room for /swapfile\n'])
    assert.equal((await file(1024)).code, 0)
    await session.text('swapoff', '/swapfile')
    await session.text('swapoff', '/dev/sdb3')
    assert.equal(await session.text('swapon', '--show', '--noheadings'), '/dev/zram0 partition 34359738368 0 100\n')
  })
})
