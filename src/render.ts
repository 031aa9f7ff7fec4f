// Template + values → text: the only reader of templates/. A template prints text and nothing else: no value becomes a line of its own.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Eta } from 'eta'

/** From src/ and from dist/ alike. */
const TEMPLATES = new URL('../templates/', import.meta.url)

/** Line breaks and other control characters, also those that some programs take for a line break. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u

let eta: Eta | undefined

/**
 * The template `templates/NAME.eta` as a function of its view, read at its first use. A name that the view does not have, a value
 * that is not text or a finite number or boolean, and a value with a control character throw: all three are mistakes of ours.
 */
export function template<View extends object>(name: string): (view: View) => string {
  let compiled: ReturnType<Eta['compile']> | undefined
  return (view) => {
    eta ??= loadEngine()
    compiled ??= eta.compile(readFileSync(new URL(`${name}.eta`, TEMPLATES), 'utf8'))
    return eta.render(compiled, strict(view, name))
  }
}

/** Loaded when the first template is rendered, and synchronously: what a file shall be is a pure function. */
function loadEngine(): Eta {
  const { Eta: Engine }: typeof import('eta') = createRequire(import.meta.url)('eta')
  return new Engine({ autoTrim: false, autoEscape: true, escapeFunction: toText })
}

/** The text of one value. Errors: for everything that has no plain text of one line. */
export function toText(value: unknown): string {
  const plain = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  if (!plain) throw new TypeError(`a template got ${value === null ? 'null' : typeof value} where a value belongs`)
  const text = String(value)
  if (CONTROL.test(text)) throw new TypeError('a template got a value with a control character')
  return text
}

/** The view, deep, as one that throws where a template asks for a name that is not there. */
function strict<T extends object>(view: T, name: string): T {
  return new Proxy(view, {
    get(target, key) {
      const known = Array.isArray(target) || typeof key === 'symbol' ? key in target : Object.hasOwn(target, key)
      if (!known && typeof key !== 'symbol') throw new ReferenceError(`templates/${name}.eta: no value named "${key}"`)
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'object' && value !== null ? strict(value, name) : value
    },
  })
}
