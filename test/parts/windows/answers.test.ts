// Windows Setup's answers: well-formed whatever a site file and its secrets say, and a real disc of root alone.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { windowsAnswers } from '../../../src/parts/windows/answers.ts'
import { template } from '../../../src/render.ts'
import type { Guest, Unattended } from '../../../src/site/site.ts'
import { nic, testGuest } from '../../resources/test-site.ts'
import { needs, PYTHON, skip } from '../../setup.ts'

const UNATTENDED: Unattended = { user: 'orion', password: { env: 'P' }, locale: 'de-DE', timezone: 'UTC' }
const HOSTILE = ` ]]>"&'</Value><!--😀 `
const guest = testGuest({
  name: 'trading-floor-with-a-long-name',
  os: 'windows',
  ostype: 'win10',
  dns: ['10.0.0.1'],
  nics: [nic({ mac: 'BC:24:11:00:00:01', ipv4: { cidr: '10.0.0.200/24', gateway: '10.0.0.1' } })],
})

/** Texts of all elements of a name, by a parser that is not ours. */
function texts(xml: string, name: string): readonly string[] {
  const program = `import sys,json,xml.etree.ElementTree as E
n='{urn:schemas-microsoft-com:unattend}'+sys.argv[1]
print(json.dumps([x.text for x in E.fromstring(sys.stdin.buffer.read()).iter(n)]))`
  return JSON.parse(execFileSync(PYTHON, ['-c', program, name], { input: xml, encoding: 'utf8' }))
}

const made = (more: Partial<Unattended> = {}, of: Guest = guest, password = HOSTILE) =>
  windowsAnswers(
    of,
    { ...UNATTENDED, ...more },
    new Map([
      ['password', password],
      ['productKey', more.productKey ? HOSTILE : ''],
    ]),
  )
const decoded = (text = '') => Buffer.from(text, 'base64').toString('utf16le')

describe('parts/windows/answers', () => {
  before(function () {
    if (spawnSync(PYTHON, ['--version']).status !== 0) skip(this, 'no Python')
  })

  it('are well-formed, and say what they were given', () => {
    const [xml] = made({ edition: HOSTILE, timezone: HOSTILE, productKey: { env: 'K' } })
    const values = texts(xml, 'Value')
    assert.equal(values[0], HOSTILE)
    assert.deepEqual(values.slice(1).map(decoded), [`${HOSTILE}Password`, `${HOSTILE}Password`])
    assert.deepEqual([texts(xml, 'Key'), texts(xml, 'TimeZone')], [['/IMAGE/NAME', HOSTILE], [HOSTILE]])
    assert.deepEqual(texts(xml, 'ComputerName'), ['trading-floor-w'])
    assert.ok(!xml.includes('😀 Password'))
  })

  it('name no key without one, and the first image without an edition', () => {
    const [xml] = made()
    assert.deepEqual([texts(xml, 'Key'), texts(xml, 'InputLocale')[0]], [['/IMAGE/INDEX'], 'de-DE'])
  })

  const FOLDERS: [string, string, string][] = [
    ['win10', '', 'w10'],
    ['win11', '', 'w11'],
    ['win11', 'Windows Server 2022 SERVERSTANDARD', '2k22'],
    ['win11', 'Windows 10 Enterprise LTSC', 'w10'],
  ]
  for (const [ostype, edition, folder] of FOLDERS)
    it(`take the drivers of ${folder} for ${ostype} ${edition}`, () => {
      const [xml] = made(edition === '' ? {} : { edition }, { ...guest, ostype })
      assert.ok(texts(xml, 'Path').every((path) => path.includes(`\\${folder}\\amd64`)))
    })

  const NAMES: [string, string][] = [
    ['1234567890', 'win-1234567890'],
    ['a.b', 'a-b'],
    ['abcdefghijklmn-opq', 'abcdefghijklmn'],
  ]
  for (const [name, want] of NAMES)
    it(`call ${name} ${want}`, () => assert.deepEqual(texts(made({}, { ...guest, name })[0], 'ComputerName'), [want]))

  it('refuse what XML cannot hold, without saying it', () => {
    assert.throws(() => made({ timezone: 'a\uFFFE' }), /timezone of .* has a sign/)
    assert.throws(() => made({}, guest, ''), /password of .* is empty/)
  })

  it('set static addresses at the first logon, by MAC address', () => {
    const [, logon] = made()
    assert.match(logon, /MacAddress -eq 'BC-24-11-00-00-01'/)
    assert.match(logon, /-IPAddress '10\.0\.0\.200' -PrefixLength 24 -DefaultGateway '10\.0\.0\.1'/)
    assert.ok(!logon.includes('😀'))
  })
})

describe('parts/windows, the disc', () => {
  let folder: string
  before(async function () {
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    await needs(this, ['genisoimage'])
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const build = (input: string, path: string) =>
    spawnSync('sh', ['-c', template<object>('windows/build')({}), 'orion-answer-iso', path], {
      input,
      encoding: 'utf8',
    })

  it('is built, of root alone, with nothing left beside it, and goes', () => {
    const path = join(folder, 'orion-answer-120.iso')
    const files = made()
    const input = `${files.map((text) => Buffer.from(text).toString('base64')).join('\n')}\n`
    writeFileSync(join(folder, '.orion-answer-120.iso.killed'), 'left')
    chmodSync(folder, 0o755)
    const { status, stderr } = build(input, path)
    assert.deepEqual([status, stderr], [0, ''])
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder), ['orion-answer-120.iso'])
    const read = spawnSync('sh', ['-c', 'isoinfo -J -x /autounattend.xml -i "$1"', 'sh', path], { encoding: 'utf8' })
    assert.equal(read.stdout, files[0])
    assert.equal(build('one line\n', path).status, 1)
    assert.deepEqual(readdirSync(folder), ['orion-answer-120.iso'])
    execFileSync('sh', ['-c', template<object>('windows/clear')({}), 'orion-answer-iso-clear', path])
    assert.deepEqual(readdirSync(folder), [])
  })
})
