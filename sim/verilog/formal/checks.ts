import { sourceContext } from '../compiler/place.ts'
import type { Cell, Module } from '../compiler/rtlil.ts'
import { labelOf, scopeOf } from '../compiler/tasks.ts'
import type { CheckInfo } from '../engine.ts'

/** The checks of a flat module, by the name of their cell, and named as a running simulation names them. */
export function checksOf(module: Module): ReadonlyMap<string, CheckInfo> {
  const cells = module.cells.filter(({ type }) => type === '$check')
  return new Map(cells.map((cell) => [cell.name, describe(cell)]))
}

function describe({ name, source, parameters }: Cell): CheckInfo {
  const kind = parameters.get('FLAVOR')?.slice(1, -1) as CheckInfo['kind']
  const { file, line } = sourceContext(source)
  const path = [...scopeOf(name), labelOf(name) ?? `line${line ?? ''}`].join('.')
  return {
    kind,
    name: path,
    message: '',
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }
}
