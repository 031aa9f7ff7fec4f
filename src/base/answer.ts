// orion bootstrap answer: the answer file of Proxmox VE's installer for one node, as files for the ISO.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { OrionError } from '../errors.ts'
import type { Answer } from '../site/answer.ts'
import type { Node, Site } from '../site/site.ts'
import { quote, toCommand } from './next.ts'
import { type OutFile, refuseOtherFile, together, writeOut } from './out-file.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { Session, SiteFlags } from './session.ts'

/** What parts/answer.ts makes of a node; given by the command. */
export interface AnswerParts {
  toAnswer(site: Site, node: Node, options: AnswerOptions): Answer
  toFirstBoot(node: Node): string
}
interface AnswerOptions {
  readonly passwordHash: string
  readonly server?: {
    readonly firstBootUrl: string
    readonly webhookUrl: string
    readonly fingerprint: string
    readonly token: string
  }
}

export interface AnswerWork {
  readonly session: Session
  readonly flags: SiteFlags
  readonly json: boolean
  readonly node: string
  readonly parts: AnswerParts
}

/** The node of this name, with the keys that an installation needs. Errors: E_USAGE, E_SITE. */
export function getInstalled({ site }: Session, name: string): Node {
  refuseUnknownNodes(site, [name])
  const node = site.nodes.find((one) => one.name === name)
  if (node?.install) return node
  throw new OrionError(`nodes.${name} has no install: the site file does not say how it is installed`, {
    code: 'E_SITE',
    suggestions: [
      `nodes.${name}.install: { macs: { PORT: aa:bb:cc:dd:ee:ff }, disks: [DISK], country: ca, rootPassword: { env: ROOT_PASSWORD } }`,
    ],
  })
}

/** The installer wants 8 at least; its API takes 64 at most. */
const SHORTEST = 8
const LONGEST = 64

/** The root password's hash (crypt(5), SHA-512). The one that is in `text` already stays where it is of this password. Errors: E_SECRET. */
export async function hashPassword({ outside, lab }: Session, { name, install }: Node, text = ''): Promise<string> {
  if (!install || !outside.secret) throw new Error(`${name} has no install`)
  const password = await outside.secret(install.rootPassword)
  if (!lab && (password.length < SHORTEST || password.length > LONGEST))
    throw new OrionError(`the root password of ${name} must have ${SHORTEST} to ${LONGEST} characters`, {
      code: 'E_SECRET',
    })
  const { encrypt, verify } = await import('unixcrypt')
  const [, kept] = /^root-password-hashed = "(\$6\$[^"\s]+)"$/m.exec(text) ?? []
  if (kept !== undefined && isHashOf(verify, password, kept)) return kept
  return encrypt(password, `$6$${randomBytes(12).toString('base64').replaceAll('+', '.')}`)
}

function isHashOf(verify: (text: string, hash: string) => boolean, password: string, hash: string): boolean {
  try {
    return verify(password, hash)
  } catch {
    return false
  }
}

const MARK = '# Answer file of the Proxmox VE installer'
const SCRIPT_MARK = '#!/bin/sh\n# First start of a node that orion answered'

export interface Files {
  readonly answer: string
  readonly firstBoot: string
}

/** Where the files go: `--out FILE`, and the script beside it. */
export function getFiles(node: string, out: string | undefined): Files {
  const answer = out ?? `${node}-answer.toml`
  return { answer, firstBoot: `${answer.replace(/(?:-answer)?\.toml$/, '')}-first-boot.sh` }
}

/** Writes both files (0600, as a hash of the password is in one) and says what to do with them. */
export async function writeAnswerFiles(work: AnswerWork, out: string | undefined) {
  const { session, json, node: name, parts } = work
  const { site } = session
  const node = getInstalled(session, name)
  const files = getFiles(name, out)
  const before = await readFile(files.answer, 'utf8').catch(() => '')
  const [passwordHash] = await together([hashPassword(session, node, before), refuseOthers(files)])
  const { writeAnswer } = await import('../site/answer.ts')
  const text = writeAnswer(parts.toAnswer(site, node, { passwordHash }), toHead(node, site))
  await writeOut(files.answer, text, 0o600)
  await writeOut(files.firstBoot, parts.toFirstBoot(node), 0o600)
  const iso = ['proxmox-auto-install-assistant', 'prepare-iso', 'proxmox-ve.iso', '--fetch-from', 'iso']
  const command = [...iso, '--answer-file', quote(files.answer), '--on-first-boot', quote(files.firstBoot)].join(' ')
  if (!json) await showFiles(work, node, files, command)
  return { node: name, files, command }
}

const refuseOthers = async ({ answer, firstBoot }: Files): Promise<void> => {
  const files: readonly OutFile[] = [
    { path: answer, what: 'answer file of orion', isOurs: (text) => text.startsWith(MARK) },
    { path: firstBoot, what: 'first-boot script of orion', isOurs: (text) => text.startsWith(SCRIPT_MARK) },
  ]
  await together(files.map((file) => refuseOtherFile(file)))
}

export const toHead = ({ name }: Node, site: Site): readonly string[] => [
  `${MARK.slice(2)} for ${name} of ${site.name}, by orion bootstrap answer.`,
  'It holds a hash of the root password: keep it, and the ISO that it is put into, to yourself.',
]

/** What will happen to the machine, in lines: an installer asks nobody before it empties disks. */
export function toSummary({ name, install, address, gateway, gateway6 }: Node): readonly [string, string][] {
  if (!install) return []
  const { disks, filesystem, raid, macs, sshKeys } = install
  const which =
    'names' in disks
      ? disks.names.join(', ')
      : Object.entries(disks.filter)
          .map(([key, value]) => `${key}=${value}`)
          .join(disks.match === 'all' ? ' and ' : ' or ')
  return [
    ['node', `${name}, ${address}, gateway ${(address.includes(':') ? gateway6 : gateway) ?? 'none'}`],
    [
      'machine',
      Object.entries(macs)
        .map(([port, mac]) => `${port} ${mac}`)
        .join(', '),
    ],
    ['disks', `${which}: emptied without a question, ${filesystem}${raid ? ` ${raid}` : ''}`],
    ['SSH keys', `${sshKeys.length} of root`],
  ]
}

async function showFiles({ flags }: AnswerWork, node: Node, files: Files, command: string): Promise<void> {
  const { getLook, printOut } = await import('../console/output.ts')
  const { renderAnswer } = await import('../console/answer-view.ts')
  const next = [
    {
      purpose: 'Put it into an installation image, where the assistant is (apt install proxmox-auto-install-assistant)',
      command,
    },
    {
      purpose: 'Or let orion answer the installer, and go on by itself',
      command: toCommand({ ...flags, concurrency: 0 }, `bootstrap answer ${node.name} --serve`),
    },
  ]
  await printOut(
    renderAnswer({ rows: [...toSummary(node), ['wrote', `${files.answer}, ${files.firstBoot}`]], next }, getLook()),
  )
}
