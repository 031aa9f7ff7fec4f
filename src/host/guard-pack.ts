// A change as the host's guard takes it: a tar with the guard program itself, its boot unit, and the files.
import { readFile } from 'node:fs/promises'
import { OrionError } from '../errors.ts'
import { type Member, packMembers } from './archive.ts'
import type { Argv, Change } from './guard.ts'
import type { HostFile } from './host.ts'
import { quote } from './quote.ts'

/** Runs before anything that reads the files, so that a restart cannot keep what nobody confirmed. */
const BOOT_UNIT = `[Unit]
Description=Put back what orion changed and nobody confirmed
DefaultDependencies=no
RequiresMountsFor=/var/lib/orion /usr/local/sbin
After=systemd-remount-fs.service local-fs.target
Before=sysinit.target network-pre.target networking.service systemd-sysctl.service
ConditionPathExistsGlob=|/var/lib/orion/guard/*/is-armed
ConditionPathExistsGlob=|/var/lib/orion/guard/*/is-staged

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/orion-guard boot

[Install]
WantedBy=sysinit.target
`

let program: Promise<string> | undefined

/** The guard program, as it is installed on a host: one file, made of two. */
export function getProgram(): Promise<string> {
  program ??= Promise.all(
    ['guard', 'guard-commands'].map((name) => readFile(new URL(`./scripts/${name}.sh`, import.meta.url), 'utf8')),
  ).then((parts) => parts.join('\n'))
  return program
}

/** The stream for `orion-stage`. Errors: E_GUARD_REFUSED for a change that cannot be told to a host. */
export async function packChange(change: Change, by: string): Promise<Buffer> {
  refuseWrong(change)
  const { name, files, check, activate, confirmWithinSeconds, strict } = change
  const puts = files.flatMap(({ text, mode = 0o644, group = 'root' }, at) =>
    text === undefined ? [] : [{ number: toNumber(at), mode, group, content: text }],
  )
  const groups = puts.filter(({ group }) => group !== 'root')
  const members: Member[] = [
    { name: 'guard', mode: 0o755, content: await getProgram() },
    { name: 'orion-guard-boot.service', mode: 0o644, content: BOOT_UNIT },
    { name: 'change/name', mode: 0o600, content: `${name}\n` },
    { name: 'change/by', mode: 0o600, content: toLine(by) },
    { name: 'change/window', mode: 0o600, content: `${confirmWithinSeconds}\n` },
    ...(strict ? [{ name: 'change/strict', mode: 0o600, content: '' }] : []),
    ...puts.map(({ number, mode, content }) => ({ name: `change/new/${number}`, mode, content })),
    ...groups.map(({ number, group }) => ({ name: `change/group/${number}`, mode: 0o600, content: `${group}\n` })),
    ...toPrograms('check', check),
    ...toPrograms('activate', activate),
    // The last one: the host knows by it that nothing is missing.
    { name: 'change/files', mode: 0o600, content: files.map(toEntry).join('') },
  ]
  return await packMembers(members)
}

/** One line for people, whatever it is made of. */
export const toLine = (text: string): string => `${text.replace(/\p{Cc}+/gu, ' ')}\n`

const toNumber = (at: number): string => String(at + 1).padStart(3, '0')

const toPrograms = (folder: string, programs: readonly Argv[]): Member[] =>
  programs.map((argv, at) => ({ name: `change/${folder}/${toNumber(at)}`, mode: 0o600, content: `${quote(argv)}\n` }))

const toEntry = ({ path, text }: HostFile, at: number): string =>
  `${toNumber(at)} ${text === undefined ? 'remove' : 'put'} ${path}\n`

/** What neither a renderer nor a user should ever make: the guard works as root, line by line. */
function refuseWrong({ name, files, confirmWithinSeconds }: Change): void {
  const refuse = (why: string): never => {
    throw new OrionError(`The change ${JSON.stringify(name)} cannot be made: ${why}`, { code: 'E_GUARD_REFUSED' })
  }
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) refuse('its name is not one word')
  if (!Number.isInteger(confirmWithinSeconds) || confirmWithinSeconds < 1) refuse('its time is not in whole seconds')
  if (files.length === 0) refuse('it has no files')
  if (files.length > 999) refuse('it has more than 999 files')
  const group = files.find((file) => !/^[a-z_][a-z0-9_-]{0,31}$/.test(file.group ?? 'root'))?.group
  if (group !== undefined) refuse(`${JSON.stringify(group)} is not the name of a group`)
  for (const { path } of files)
    if (!/^(\/[^/]+)+$/.test(path) || /\p{Cc}/u.test(path) || /\/\.\.?(\/|$)/.test(path))
      refuse(`${JSON.stringify(path)} is not a file's absolute path`)
  if (new Set(files.map(({ path }) => path)).size !== files.length) refuse('a file is in it twice')
}
