import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findSite, loadSite } from '../../src/site/load.ts'
import { failureOf, KEY, parse, siteText } from './site-text.ts'

const LAB = { home: '/nowhere', standInKey: KEY }

describe('load', function () {
  this.timeout(60_000)
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-load-'))
  })
  after(async () => await rm(folder, { recursive: true, force: true }))

  const sites: [string, number, readonly string[]][] = [
    ['orion', 17, ['r730']],
    ['hive', 10, ['genesis']],
    ['federation', 0, ['van-1', 'van-2', 'van-3', 'kel-1', 'fra-1', 'sin-1', 'rey-1']],
  ]
  for (const [name, guests, nodes] of sites) {
    it(`loads ${name}.yaml`, async () => {
      const site = await loadSite(`templates/sites/${name}.yaml`, LAB)
      assert.equal(site.guests.length, guests)
      assert.deepEqual(
        site.nodes.map((node) => node.name),
        nodes,
      )
      assert.equal(site.file, join(process.cwd(), `templates/sites/${name}.yaml`))
      assert.deepEqual(
        site.warnings.filter(({ path }) => !path.includes('sshKeys')),
        [],
      )
    })
  }
  it('computes the address plan of ORION', async () => {
    const site = await loadSite('templates/sites/orion.yaml', LAB)
    const worker = site.guests.find(({ name }) => name === 'k3s-worker-2')
    assert.deepEqual(
      [worker?.group, worker?.vmid, worker?.dns, worker?.searchDomain],
      ['k3s-worker', 602, ['192.168.100.1'], 'orion.lan'],
    )
    assert.deepEqual(worker?.nics[0]?.ipv4, { cidr: '192.168.100.62/24', gateway: '192.168.100.1' })
    assert.deepEqual(worker?.nics[0]?.ipv6, { cidr: '2602:f674:0:1000::62/64', gateway: '2602:f674:0:1000::1' })
    const router = site.guests.find(({ name }) => name === 'router')
    assert.deepEqual(
      router?.nics.map(({ ipv4, ipv6 }) => [ipv4, ipv6]),
      [
        ['dhcp', { cidr: '2001:db8:6939::2/64' }],
        [{ cidr: '192.168.100.1/24' }, { cidr: '2602:f674:0:1000::1/64' }],
        [{ cidr: '192.168.200.1/24' }, { cidr: '2602:f674:0:2000::1/64' }],
        [{ cidr: '192.168.1.2/24' }, { cidr: '2602:f674:0:3000::2/64' }],
      ],
    )
  })
  it('reads the same twice', async () => {
    const twice = [await loadSite('templates/sites/hive.yaml', LAB), await loadSite('templates/sites/hive.yaml', LAB)]
    assert.deepEqual(twice[0], twice[1])
  })

  it('finds the nearest orion.yaml upward', async () => {
    await mkdir(join(folder, 'a/b/c'), { recursive: true })
    await writeFile(join(folder, 'a/orion.yaml'), siteText())
    assert.equal(await findSite(join(folder, 'a/b/c')), join(folder, 'a/orion.yaml'))
    assert.equal(await findSite(join(folder, 'a')), join(folder, 'a/orion.yaml'))
    assert.equal(await findSite('/nonexistent/folder'), undefined)
  })

  const plain: [string, string, RegExp][] = [
    ['an empty file', '', /is empty$/],
    ['comments alone', '# nothing\n\n', /is empty$/],
    ['text', 'hello\n', /1:1 {2}must be a map of keys, not "hello"/],
    ['a list', '- a\n', /1:1 {2}must be a map of keys, not a list/],
    ['tabs', 'site: a\nnodes:\n\tn: x\n', /3:1 {2}YAML is indented with spaces, not with tabs/],
  ]
  for (const [title, text, words] of plain) {
    it(`refuses ${title}`, async () => {
      const error = await failureOf(text)
      assert.equal(error.code, 'E_SITE')
      assert.equal(error.exit, 2)
      assert.match(error.message, words)
    })
  }
  it('takes CRLF and a byte order mark', async () => {
    const file = join(folder, 'crlf.yaml')
    await writeFile(file, `\u{FEFF}${siteText().replaceAll('\n', '\r\n')}`)
    assert.equal((await loadSite(file)).name, 'test')
  })
  it('shows fifty findings, and has all of them', async () => {
    const keys = Array.from({ length: 80 }, (_, index) => `k${index}: 1`).join('\n')
    const error = await failureOf(siteText({ rest: keys }))
    assert.equal(error.findings.length, 80)
    assert.match(error.message, /… and 30 more$/)
    assert.equal(error.summary, 'The site file /nowhere/orion.yaml has 80 errors')
  })

  const many = (count: number) => {
    const guests = Array.from(
      { length: count },
      (_, i) =>
        `  g${i}: { id: ${1000 + i}, node: n${i % 50}, cores: 2, memory: 1G, disk: 8G, image: vm, nics: { lan: 10.1.${i >> 7}.${(i & 127) + 1} } }`,
    )
    const nodes = Array.from({ length: 50 }, (_, i) => `  n${i}: { address: 10.255.0.${i + 1} }`)
    return siteText({
      nodes: `nodes:\n${nodes.join('\n')}`,
      networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/8, gateway: 10.0.0.1 } }',
      guests: `guests:\n${guests.join('\n')}`,
    })
  }
  it('loads 5,000 guests, a line each', async () => assert.equal((await parse(many(5000))).guests.length, 5000))
  it('loads 5,000 guests as ranges', async () => {
    const guests = Array.from(
      { length: 5 },
      (_, i) => `  g${i}: { id: ${1000 + i * 1000}-${1999 + i * 1000}, nics: { lan: 10.${i}.1.0-10.${i}.4.231 } }`,
    )
    const site = await parse(
      siteText({
        networks: 'networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/8 } }',
        nodes: 'nodes: { n1: { address: 192.168.0.2 } }',
        guests: `guests:\n${guests.join('\n')}`,
      }),
    )
    assert.equal(site.guests.length, 5000)
    assert.deepEqual(site.guests[4999]?.nics[0]?.ipv4, { cidr: '10.4.4.231/8' })
  })
  it('reports 5,000 mistakes', async () => {
    const error = await failureOf(many(5000).replaceAll('cores', 'coers'))
    assert.equal(error.findings.length, 5000)
  })
  it('reports 10,000 mistakes on one line', async function () {
    this.timeout(20_000) // the line is read once; once for each finding takes minutes
    const guests = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`g${i}`, { id: 1000 + i, coers: 1 }]))
    const site = JSON.stringify({ site: 'x', nodes: { n: { address: '10.0.0.1' } }, guests })
    const error = await failureOf(`${site} # ${'long '.repeat(400_000)}`)
    assert.equal(error.findings.length, 10_000)
  })
})
