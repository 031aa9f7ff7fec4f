// Swap as systemd units: their names, and their text.
import type { Swap } from '../../site/site.ts'

const UNIT_FOLDER = '/etc/systemd/system'

/** `dev-disk-by\x2duuid-….swap`: the name must be the escaped path (systemd.swap(5), systemd-escape --path). */
export function unitName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  const escaped = Buffer.from(parts.join('/'))
  const letters = [...escaped].map((byte, at) => escapeByte(String.fromCharCode(byte), byte, at))
  return `${letters.join('')}.swap`
}

export function unitPath(path: string): string {
  return `${UNIT_FOLDER}/${unitName(path)}`
}

function escapeByte(letter: string, byte: number, at: number): string {
  if (letter === '/') return '-'
  if (/[A-Za-z0-9:_]/.test(letter) || (letter === '.' && at > 0)) return letter
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

export function unitText(path: string, { priority }: Swap): string {
  const rank = priority === undefined ? [] : [`Priority=${priority}`]
  // What= takes specifiers, where % stands for itself only as %%.
  return [...HEAD, '[Swap]', `What=${path.replaceAll('%', '%%')}`, ...rank, ''].join('\n')
}

/** Which of them are used from the start: a drop-in of swap.target, so that nothing has to be enabled. */
export function targetText(names: readonly string[]): string {
  return [...HEAD.slice(0, 1), '[Unit]', ...names.map((name) => `Wants=${name}`), ''].join('\n')
}

export const TARGET_DROP_IN = `${UNIT_FOLDER}/swap.target.d/90-orion.conf`
const HEAD = ['# Made by orion from the site file.', '[Unit]', 'Description=Swap of the site file', '']
