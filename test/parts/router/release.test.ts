// Which system a router may run.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { releaseProblems } from '../../../src/parts/router/release.ts'
import { debianRelease, ROUTER_FACTS } from '../../../src/parts/router/router.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'

const seen = (stdout: string, code = 0) => ({
  ...NOTHING,
  commands: new Map([['os-release', { code, stdout, stderr: '' }]]),
})

const DEBIAN = (version: number, codename: string) =>
  `PRETTY_NAME="Debian GNU/Linux ${version} (${codename})"\nNAME="Debian GNU/Linux"\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\nID=debian\n`

describe('parts/router/release', () => {
  const rows: readonly [title: string, text: string, says?: RegExp][] = [
    ['Debian 12', DEBIAN(12, 'bookworm')],
    ['Debian 13', DEBIAN(13, 'trixie')],
    ['what comes after it', DEBIAN(14, 'forky')],
    ['Debian unstable, which has no number', 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n'],
    [
      'Debian 11',
      DEBIAN(11, 'bullseye'),
      /^router runs Debian GNU\/Linux 11 \(bullseye\), and orion makes routers of Debian 12/,
    ],
    [
      'what is made of Debian',
      'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nID_LIKE=debian\n',
      /runs Ubuntu 24\.04\.1 LTS/,
    ],
    ['another one', "ID='alpine'\nVERSION_ID=3.20\n", /runs alpine/],
    ['no name at all', 'x', /runs an unknown system/],
    ['a name that would draw on the terminal', 'ID=x\nPRETTY_NAME="\u001b[31mred\u0007"\n', /^router runs 31mred, and/],
  ]
  for (const [title, text, says] of rows)
    it(title, () => {
      const [problem] = releaseProblems('router', seen(text))
      if (says) assert.match(problem ?? '', says)
      else assert.equal(problem, undefined)
    })

  it('says nothing of a router that was not read', () => {
    assert.deepEqual(releaseProblems('router', NOTHING), [])
    assert.deepEqual(releaseProblems('router', seen('', 1)), [])
  })

  it('asks a program, as the file is a link on Debian, which a read of files does not follow', () => {
    assert.deepEqual(ROUTER_FACTS.commands?.['os-release'], ['cat', '/etc/os-release'])
    const own = readFileSync('/etc/os-release', 'utf8')
    assert.equal(debianRelease(seen(own)), /^VERSION_CODENAME=(\w+)$/m.exec(own)?.[1])
  })
})
