import { expect, it } from 'vitest'
import { classifierChoices, usualGrid } from '../../src/explore/grid.ts'
import { choiceName, triggerName } from '../../src/explore/settings.ts'

const names = classifierChoices(usualGrid).map(choiceName)

it('has a name for each of its points', () => {
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain('mlp 10-7 w8 a7, folded all')
  expect(names).toContain('trees 16x3, unrolled 2')
  const triggers = usualGrid.triggers.map(triggerName)
  expect(new Set(triggers).size).toBe(triggers.length)
  expect(triggers).toContain('4x4, 6.5 sigma, pixels above 1 sigma')
})

it('keeps the order of its points when others come or go', () => {
  const { hidden } = usualGrid
  const fewer = classifierChoices({ ...usualGrid, hidden: hidden.slice(0, 4), forests: [] }).map(choiceName)
  expect(names.filter((name) => fewer.includes(name))).toEqual(fewer)
})
