// The flags that commands share, in one wording.
import { string as file } from '@oclif/core/args'
import { boolean, custom, integer, string } from '@oclif/core/flags'
import { OrionError } from '../errors.ts'

/** On every command: which site, and where it lives. */
export const siteFlags = {
  site: string({
    char: 's',
    summary: 'Site file (default: ORION_SITE, else the nearest orion.yaml upward).',
    helpValue: 'FILE',
    helpGroup: 'SITE',
  }),
  lab: boolean({
    summary: 'Work on the rehearsal lab, simulated hosts and a simulated Proxmox VE: nothing real is touched.',
    helpGroup: 'SITE',
  }),
  'lab-dir': string({
    summary: 'Keep the lab in this folder (implies --lab; default: per site under the XDG state folder).',
    helpValue: 'DIR',
    helpGroup: 'SITE',
  }),
}

/** On every command, beside --json. */
export const events = boolean({
  summary: 'Tell on stderr what happens as it happens, one JSON line per event, and nothing else there; ask nothing.',
  helpGroup: 'GLOBAL',
})

const concurrency = integer({
  summary: 'How much happens at once: steps, and requests per cluster.',
  min: 1,
  max: 64,
  default: 8,
})

/** On commands that look at a part of the site. */
export const planFlags = {
  only: string({
    char: 'o',
    multiple: true,
    summary: 'Only what matches (a name, an id, with * and ?), and what that needs; can be given more than once.',
    helpValue: 'PATTERN',
  }),
  concurrency,
  verbose: boolean({
    char: 'v',
    summary:
      'Show every field of what is new, every line of a file, and what is as wanted; in logs, also what tasks log.',
  }),
}

/** On commands that only plan: where else the plan goes. */
export const planOutFlags = {
  out: string({
    summary: 'Save the plan in this file, for the apply command to carry out exactly this and nothing else.',
    helpValue: 'FILE',
  }),
  markdown: boolean({
    summary: 'Print the plan as Markdown, for a pull request: 60000 characters at most, and nothing else on stdout.',
    exclusive: ['json'],
  }),
}

/** On commands that change something. */
export const applyFlags = {
  ...planFlags,
  'dry-run': boolean({
    summary: 'Show the plan and stop: exit 3 where there are differences, 0 where there are none.',
  }),
  yes: boolean({ char: 'y', summary: 'Do not ask.' }),
  restart: boolean({ summary: 'Restart guests whose pending changes need it.' }),
}

/** On commands that carry out a plan. */
export const savedPlanArgs = {
  file: file({
    description: 'A plan that was saved by --out: it is refused where it was edited, or anything has changed since.',
  }),
}

/** On verify. */
export const junit = string({
  summary: 'Also write the checks into this file as JUnit XML, for CI to show.',
  helpValue: 'FILE',
  exclusive: ['watch'],
})

/** Starts the lab anew. */
export const fresh = boolean({ summary: 'Begin with an empty lab (with --lab).' })

/** Only some nodes. */
export const nodes = string({
  char: 'n',
  multiple: true,
  summary: 'Only this node; can be given more than once.',
  helpValue: 'NODE',
})

/** Only some gateways of the mesh. */
export const gateways = string({
  char: 'g',
  multiple: true,
  summary: 'Only this gateway; can be given more than once. Its links to others stay as they are, and new ones wait.',
  helpValue: 'GATEWAY',
})

/** Of the prefixes that a routing registry tells. */
export const acceptIrr = boolean({
  summary: 'Take the prefixes of an AS-SET also where more than 30 % of them came or went.',
})

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 }

/** Less is too short for a new connection and a proof; the guard of a change is no place for hours. */
const LEAST_SECONDS = 10
const MOST_SECONDS = 3600

/** A duration such as `90s` or `2m`, in seconds. Errors: E_USAGE. */
export async function toSeconds(text: string): Promise<number> {
  const [, number, unit = ''] = /^(\d{1,5})([smh]?)$/.exec(text) ?? []
  const seconds = Number(number ?? Number.NaN) * (UNITS[unit] ?? 1)
  if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds
  throw new OrionError(`--confirm-within wants a duration from 10s to 1h, such as 90s or 2m, and not ${text}`, {
    code: 'E_USAGE',
  })
}

/** Where --confirm-within is not given; topics whose activation takes longer have their own time. */
export const CONFIRM_SECONDS = 60

/** The same on a router, whose sessions take their time to stand again. */
const onHost = (least: string, host = 'router') =>
  custom<number>({
    summary: `The ${host} puts the old files back by itself unless the change is confirmed within this time, ${least}.`,
    helpValue: 'DURATION',
    parse: toSeconds,
  })()
export const confirmBgp = onHost('3m at least (default: 3m)')
export const confirmTopic = onHost('or the own time of a topic if that is more (60s; BGP 3m)')
export const confirmMesh = onHost('or the own time of a topic if that is more', 'gateway')

/** How long a guarded change waits for its confirmation. */
export const confirmWithin = custom<number>({
  summary: `A host puts the old files back by itself unless the change is confirmed within this time (default: ${CONFIRM_SECONDS}s).`,
  helpValue: 'DURATION',
  parse: toSeconds,
})()

/** On verify: how long a check that is not green may take to become so. */
export const settleWithin = custom<number>({
  summary:
    'How long what is not green yet may take to become so: it is looked at again until then (default: 10s; 0s: one look).',
  helpValue: 'DURATION',
  parse: async (text) => {
    const [, number, unit = ''] = /^(\d{1,5})([smh]?)$/.exec(text) ?? []
    const seconds = Number(number ?? Number.NaN) * (UNITS[unit] ?? 1)
    if (seconds <= MOST_SECONDS) return seconds
    throw new OrionError(`--timeout wants a duration from 0s to 1h, such as 30s or 5m, and not ${text}`, {
      code: 'E_USAGE',
    })
  },
})()
