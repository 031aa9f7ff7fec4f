// A host with the guard and files of every kind to guard, for the tests of the guard program.
import assert from 'node:assert/strict'
import type { Change } from '../../src/host/guard.ts'
import { parseAnswers, parseStates } from '../../src/host/guard-answer.ts'
import { packChange } from '../../src/host/guard-pack.ts'
import { script } from '../../src/host/script.ts'
import type { Ran } from '../hosts/inside.ts'
import { type Lanes, openLanes } from '../hosts/lanes.ts'
import { startHost, type TestHost } from '../hosts/nspawn.ts'

export const GUARD = '/usr/local/sbin/orion-guard'

/** Files of every kind that a change can meet: content, mode, owner, links. */
const MAKE = `rm -rf /etc/guarded; mkdir -p /etc/guarded/sub; cd /etc/guarded
printf 'old\\n' >plain; printf 'secret\\0old' >secret; chmod 600 secret; chown daemon:mail secret; touch -d '2001-02-03 04:05:06.789' secret
ln -s plain link; ln -s nowhere dangling; printf 'goes\\n' >goes; chmod 640 goes; printf 'x' >sub/kept`
export const FILES: Change['files'] = [
  { path: '/etc/guarded/plain', text: 'new\n' },
  { path: '/etc/guarded/secret', text: 'new secret\n', mode: 0o640 },
  { path: '/etc/guarded/link', text: 'a file now\n' },
  { path: '/etc/guarded/dangling', text: undefined },
  { path: '/etc/guarded/goes', text: undefined },
  { path: '/etc/guarded/new/folder/file', text: 'new\n', mode: 0o755 },
]
const LOOK = `cd /etc/guarded && find . ! -type d -printf '%p %y %m %u %g %T@ %l\\n' | sort && find . -type d -printf '%p %m\\n' | sort && find . -type f -exec sha256sum {} + | sort`

export const change = (part: Partial<Change> = {}): Change => ({
  name: 'guarded',
  files: FILES,
  check: [],
  activate: [['true']],
  confirmWithinSeconds: 60,
  ...part,
})

let open: Lanes<TestHost>
export const host = (): TestHost => open.here()
let count = 0

export const sh = (command: string): Promise<string> => host().must(['sh', '-c', command])
export const look = (): Promise<string> => sh(LOOK)
export const guard = (...argv: string[]): Promise<Ran> => host().exec([GUARD, ...argv])
export const stateOf = async (id: string) =>
  parseStates((await guard('states')).stdout).find((state) => state.id === id)

/** Brings a change to the host; returns its id. */
export async function stage(part: Partial<Change> = {}): Promise<string> {
  count += 1
  const id = `test-${count}`
  const input = await packChange(change(part), 'me@here (test)')
  assert.deepEqual(await host().exec(['sh', '-c', await script('stage'), 'orion-stage', id], { input }), {
    code: 0,
    stdout: 'staged\n',
    stderr: '',
  })
  return id
}

/** Staged, armed, swapped and activated. */
export async function activate(part: Partial<Change> = {}): Promise<string> {
  const id = await stage(part)
  const { code, stdout, stderr } = await guard('start', id)
  assert.equal(code, 0, stdout + stderr)
  assert.match((await guard('follow', id)).stdout, /^state active /)
  return id
}

/** Waits until the host has put it back by itself. */
export async function ended(id: string): Promise<void> {
  await sh(`for i in $(seq 600); do [ -e /var/lib/orion/guard/${id}/is-restored ] && exit; sleep 0.05; done; exit 1`)
}

export async function refusal(id: string): Promise<string> {
  const { code, stdout } = await guard('start', id)
  const answer = parseAnswers(stdout).at(-1)
  assert.equal(code, 4, stdout)
  assert.equal(answer?.kind, 'refused')
  return answer?.kind === 'refused' ? answer.reason : ''
}

/** Hooks of a suite, and its `it`: hosts of its own, on which the files are made anew for each test. */
export function onGuardedHosts(lanes: number): Lanes<TestHost>['story'] {
  // Another suite's until then.
  before(() => {
    open = lanesOfSuite
  })
  const lanesOfSuite = openLanes({
    lanes,
    make: (lane) => startHost({ name: `castle${lane}` }),
    leave: (made) => made.stop(),
    beforeEach: () => sh(MAKE),
  })
  return lanesOfSuite.story
}
