// Plain data by path: what is read, what a change leaves alone, and names that mean something to JavaScript.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { get, keysOf, listAt, pathsOf, set, textAt } from '../../../src/base/wizard/value.ts'

describe('base/wizard/value', () => {
  const value = { nodes: { a: { ports: { lan: 'eno1' }, n: 5 }, b: {} }, list: ['x', 'y'], one: 'z' }

  it('reads by path', () => {
    assert.equal(get(value, ['nodes', 'a', 'ports', 'lan']), 'eno1')
    assert.equal(get(value, ['nodes', 'a', 'nothing', 'there']), undefined)
    assert.equal(get(value, ['nodes', 'constructor']), undefined, 'own keys only')
    assert.deepEqual(keysOf(value, 'nodes'), ['a', 'b'])
    assert.equal(textAt(value, 'nodes', 'a', 'n'), '5')
    assert.deepEqual([listAt(value, 'list'), listAt(value, 'one'), listAt(value, 'none')], [['x', 'y'], ['z'], []])
    assert.deepEqual(pathsOf(value, ['nodes', '*', 'ports', '*']), [['nodes', 'a', 'ports', 'lan']])
    assert.deepEqual(pathsOf(value, ['list', '*']), [
      ['list', 0],
      ['list', 1],
    ])
  })

  it('changes a copy, keeps the order of keys, and makes what is on the way', () => {
    const before = JSON.stringify(value)
    assert.deepEqual(set(value, ['nodes', 'a', 'ports'], undefined), { ...value, nodes: { a: { n: 5 }, b: {} } })
    assert.deepEqual(set(value, ['list', 0], undefined), { ...value, list: ['y'] })
    assert.deepEqual(set({}, ['a', 'b', 'c'], 1), { a: { b: { c: 1 } } })
    assert.deepEqual(Object.keys(set(value, ['list'], []) as object), Object.keys(value))
    assert.equal(JSON.stringify(value), before)
  })

  it('what is put is what is there, whatever the keys are called', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', '0'))
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), fc.jsonValue(), (path, put) => {
        if (put === undefined) return
        assert.deepEqual(get(set({}, path, put), path), put)
        assert.equal(Object.getPrototypeOf({}), Object.prototype)
      }),
    )
  })
})
