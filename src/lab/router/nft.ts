// nft on a router: checks a file, loads it in one transaction, lists what is in force.
import { failed, type Output, ok, type Program } from '../host/machine.ts'
import { type HostState, textAt } from '../host/state.ts'
import { readRules } from './nft-file.ts'

/** `nft [-c] [-s] -f FILE`, `list table FAMILY NAME`, `list ruleset`, `list tables`, `delete|destroy table FAMILY NAME`. */
export const nft: Program = ({ host, world }, args) => {
  const at = args.findIndex((arg) => arg === '-f' || arg === '--file')
  if (at >= 0) {
    const isCheck = args.includes('-c') || args.includes('--check')
    const wrong = isCheck ? checkRules(host, args[at + 1] ?? '') : loadRules(host, args[at + 1] ?? '')
    world.changed()
    return wrong === undefined ? ok() : failed(1, wrong)
  }
  const [verb = '', object = '', ...name] = args.filter((arg) => !arg.startsWith('-'))
  return onTables(host, verb, object, name.join(' '))
}

function onTables(host: HostState, verb: string, object: string, name: string): Output {
  const tables = host.tables ?? {}
  const names = Object.keys(tables)
  if (verb === 'list' && object === 'ruleset') return ok(names.map((one) => tables[one]).join(''))
  if (verb === 'list' && object === 'tables') return ok(names.map((one) => `table ${one}\n`).join(''))
  if (object !== 'table') return failed(1, `Error: syntax error, unexpected ${object}\n${verb} ${object} ${name}`)
  const text = Object.hasOwn(tables, name) ? tables[name] : undefined
  if (verb === 'list' && text !== undefined) return ok(text)
  if (verb === 'destroy' || (verb === 'delete' && text !== undefined)) {
    delete tables[name]
    return ok()
  }
  return failed(1, `Error: No such file or directory\n${verb} table ${name}`)
}

/** What nft says of a file; undefined = nothing, and its tables are in force as it says. */
export function loadRules(host: HostState, path: string): string | undefined {
  const read = readFile(host, path)
  if ('wrong' in read) return read.wrong
  host.tables = read.tables
  return undefined
}

function checkRules(host: HostState, path: string): string | undefined {
  const read = readFile(host, path)
  return 'wrong' in read ? read.wrong : undefined
}

function readFile(host: HostState, path: string): ReturnType<typeof readRules> {
  const text = textAt(host, path)
  if (text === undefined) return { wrong: `Error: Could not open file "${path}": No such file or directory` }
  return readRules(path, text, host.tables ?? {})
}
