// Writes dist/man/orion.1, the man page, from oclif.manifest.json: every command with its flags, and the exit codes (man-pages(7), groff_man(7)).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path) => JSON.parse(readFileSync(`${root}/${path}`, 'utf8'))
const { version, description, oclif } = read('package.json')
const { commands } = read('oclif.manifest.json')

/** Text for roff: no backslash, leading dot or quote of it means anything; a hyphen is one that can be copied. */
const roff = (text) =>
  String(text)
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1')
    .replaceAll(/[^ -~\n\t]/gu, (char) => `\\[u${char.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)

/** oclif's templates in help texts: the program and the command as they are typed. */
const fill = (text = '', id = '') =>
  text.replaceAll('<%= config.bin %>', oclif.bin).replaceAll('<%= command.id %>', id.replaceAll(':', ' '))

const paragraphs = (text) =>
  roff(text)
    .split(/\n{2,}/)
    .map((one) => one.replaceAll('\n', ' '))
    .join('\n.PP\n')

/** On every command, and described once. */
const isCommon = ([, { helpGroup }]) => helpGroup === 'SITE' || helpGroup === 'GLOBAL'

function flagLines([name, { char, type, helpValue, summary, description: more, hidden, options }]) {
  if (hidden) return []
  const value = type === 'option' ? ` \\fI${roff(options?.join('|') ?? helpValue ?? name.toUpperCase())}\\fR` : ''
  const head = [...(char ? [`\\fB\\-${char}\\fR`] : []), `\\fB\\-\\-${roff(name)}\\fR${value}`].join(', ')
  return ['.TP', head, paragraphs(summary ?? more ?? '')]
}

function exampleLines(id, example) {
  const { description: what, command } = typeof example === 'string' ? { command: example } : example
  return ['.PP', ...(what ? [`${roff(what)}:`] : []), '.RS', '.EX', roff(fill(command, id)), '.EE', '.RE']
}

function commandLines({ id, summary, description: more, flags = {}, args = {}, examples = [], usage }) {
  const words = Object.values(args).map(({ name, required }) =>
    required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  )
  const usages = usage ? [usage].flat().map((one) => fill(one, id)) : [[id.replaceAll(':', ' '), ...words].join(' ')]
  return [
    ...usages.map((one, at) => `${at === 0 ? '.SS' : '.br'} "${roff(`${oclif.bin} ${one}`).replaceAll('"', '\\(dq')}"`),
    paragraphs(fill(summary, id)),
    ...(more ? ['.PP', paragraphs(fill(more, id))] : []),
    ...Object.entries(flags)
      .filter((flag) => !isCommon(flag))
      .flatMap(flagLines),
    ...examples.flatMap((example) => exampleLines(id, example)),
  ]
}

const known = Object.values(commands)
  .filter(({ hidden }) => !hidden)
  .sort((a, b) => (a.id < b.id ? -1 : 1))
const exits = [
  [0, 'as wanted, or done'],
  [1, 'something could not be done'],
  [2, 'bad usage, or a bad site file'],
  [3, 'differences found'],
  [4, 'a change of a host does not stand: it was refused or put back, and the host is as before'],
  [130, 'interrupted'],
]
const page = [
  `.TH ORION 1 "" "orion ${roff(version)}" "User Commands"`,
  '.SH NAME',
  `orion \\- ${roff(description)}`,
  '.SH SYNOPSIS',
  '.B orion',
  '\\fICOMMAND\\fR [\\fIFLAGS\\fR]',
  '.SH DESCRIPTION',
  paragraphs(
    'One site file says what must exist. orion looks at what does exist, shows the difference, makes it so step by step, and proves it.\n\nStart with "orion bootstrap init", or rehearse with "orion bootstrap --lab": nothing real is touched there.',
  ),
  '.SH FLAGS OF EVERY COMMAND',
  ...Object.entries(commands.verify.flags).filter(isCommon).flatMap(flagLines),
  '.SH COMMANDS',
  ...known.flatMap(commandLines),
  '.SH EXIT STATUS',
  ...exits.flatMap(([code, what]) => ['.TP', `.B ${code}`, roff(what)]),
  '.PP',
  '\\fBorion help errors\\fR explains every error code.',
  '.SH ENVIRONMENT',
  '.TP',
  '.B ORION_SITE',
  'The site file, where \\fB\\-\\-site\\fR is not given.',
  '.TP',
  '.BR ORION_TOKEN_ID ", " ORION_TOKEN_SECRET',
  'An API token, before all others.',
  '.TP',
  '.BR NO_COLOR ", " FORCE_COLOR',
  'No colour, or colour also where no terminal is.',
  '.SH FILES',
  '.TP',
  '.I orion.yaml',
  'The site file: the nearest one, in this folder or above it.',
  '.TP',
  '.I ~/.config/orion/credentials.json',
  'Tokens and certificates that orion made (0600).',
  '.TP',
  '.I ~/.local/state/orion/',
  'Locks, journals, drafts of the wizard, and rehearsal labs, by site.',
  '',
].join('\n')
mkdirSync(`${root}/dist/man`, { recursive: true })
writeFileSync(`${root}/dist/man/orion.1`, page)
