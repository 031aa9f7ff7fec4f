// Our own programs for the host: files beside this one, read when they are needed.
import { readFile } from 'node:fs/promises'

const texts = new Map<string, Promise<string>>()

/** The text of `scripts/NAME.sh`, for `sh -c TEXT orion-NAME …`. */
export function script(name: string): Promise<string> {
  const text = texts.get(name) ?? load(name)
  texts.set(name, text)
  return text
}

async function load(name: string): Promise<string> {
  return await readFile(new URL(`./scripts/${name}.sh`, import.meta.url), 'utf8')
}
