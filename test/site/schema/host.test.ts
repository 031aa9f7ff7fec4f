// What a node's own system gets: sources, packages, kernel settings and swap.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { z } from 'zod'
import { dottedKey, nodeCommon, swaps } from '../../../src/site/schema/host.ts'

const takes = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success

describe('schema/host', () => {
  const rows: [string, z.ZodType, readonly unknown[], readonly unknown[]][] = [
    ['sources', nodeCommon.sources, ['enterprise', 'no-subscription', 'test'], ['pve-test', '', 'none']],
    [
      'packages',
      nodeCommon.packages,
      ['htop', ['g++', 'libstdc++6', 'python3.13', 'linux-image-6.12.0+deb13-amd64', '7z']],
      [
        [],
        'a',
        'nano-',
        '-y',
        'lib.+',
        'linux.',
        'a..b',
        'A',
        'a b',
        'a=1',
        'a/trixie',
        'a:i386',
        'a\n',
        'a;b',
        '$(a)',
        'a*',
        'x'.repeat(129),
      ],
    ],
    [
      'sysctl',
      nodeCommon.sysctl,
      [
        { 'vm.swappiness': 10 },
        { 'net.ipv4.tcp_rmem': '4096 131072 6291456' },
        { 'net/ipv4/conf/eno1.20/forwarding': 1 },
        { 'kernel.core_pattern': '|/bin/false # "x" ; $(y)' },
        { 'kernel.shmmax': '18446744073692774399' },
        {},
      ],
      [
        { swappiness: 1 },
        { '-vm.swappiness': 1 },
        { 'net.*.x': 1 },
        { 'vm..x': 1 },
        { 'vm/../x': 1 },
        { '/vm/x': 1 },
        { 'vm.x=1\nvm.y': 1 },
        { 'vm.x y': 1 },
        { 'vm.x': '' },
        { 'vm.x': ' 1' },
        { 'vm.x': '1 ' },
        { 'vm.x': '1\nvm.y = 2' },
        { 'vm.x': true },
        { 'vm.x': 0.5 },
        { 'vm.x': 2 ** 64 },
        { 'vm.x': null },
        { 'vm.x': 'x'.repeat(1025) },
        { 'vm.x': 1, 'vm/x': 1 },
        { 'net.ipv4.conf.eno1/20.forwarding': 1, 'net/ipv4/conf/eno1.20/forwarding': 0 },
      ],
    ],
    [
      'swap',
      swaps,
      [
        { device: '/dev/sdb2' },
        [{ device: '/dev/disk/by-id/nvme-a:b_1-part3', priority: -1 }],
        { file: '/var/swap', size: '8G', priority: 32767 },
      ],
      [
        [],
        {},
        { device: '/dev/sdb2', size: '8G' },
        { file: '/swap' },
        { device: '/dev/sdb2', file: '/swap', size: '8G' },
        { device: 'sdb2' },
        { device: '/dev/' },
        { device: '/dev/../etc/passwd' },
        { device: '/dev/a b' },
        { device: '/dev//sda' },
        { file: 'swap', size: '1G' },
        { file: '/a/../swap', size: '1G' },
        { file: '/swap/', size: '1G' },
        { file: '/sw%i', size: '1G' },
        { file: '/a\nb', size: '1G' },
        { file: '/proc/x', size: '1G' },
        { file: '/tmp/swap', size: '1G' },
        { file: '/swap', size: 8 },
        { device: '/dev/sda', priority: -2 },
        { device: '/dev/sda', priority: 32768 },
      ],
    ],
  ]
  for (const [key, schema, good, bad] of rows) {
    for (const value of good) it(`${key} takes ${JSON.stringify(value)}`, () => assert.ok(takes(schema, value)))
    for (const value of bad) it(`${key} refuses ${JSON.stringify(value)}`, () => assert.ok(!takes(schema, value)))
  }

  it('writes a kernel setting one way', () => {
    assert.deepEqual(z.parse(nodeCommon.sysctl, { 'net/ipv4/conf/eno1.20/forwarding': 1, 'vm.swappiness': '10' }), {
      'net.ipv4.conf.eno1/20.forwarding': '1',
      'vm.swappiness': '10',
    })
    assert.equal(dottedKey('net.ipv4.conf.eno1/20.forwarding'), 'net.ipv4.conf.eno1/20.forwarding')
  })
  it('a spelling of a key that is right stays', () => {
    const part = fc.stringMatching(/^[a-z0-9_]{1,8}$/)
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 6 }), part, (parts, first) => {
        const key = dottedKey([first, ...parts].join('/'))
        assert.equal(dottedKey(key), key)
        assert.equal(key, [first, ...parts].join('.'))
      }),
    )
  })
})
