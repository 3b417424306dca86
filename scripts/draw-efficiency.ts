/**
 * Draws docs/images/efficiency.svg from bench/baseline-physics.json: what finds how many deposits of an energy.
 *
 *   npx tsx scripts/draw-efficiency.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawChart, standaloneSvg } from '../src/compare/report/vega-chart.ts'
import { packageRoot } from '../src/core/package-root.ts'

interface Curve {
  readonly points: readonly { readonly keVee: number; readonly found: number; readonly tried: number }[]
}

const { centre } = JSON.parse(
  readFileSync(join(packageRoot, 'bench/baseline-physics.json'), 'utf8'),
).placements
const curves: readonly (readonly [name: string, curve: Curve])[] = [
  ["gemgate's logic", centre.datapath],
  ['ideal linear filter', centre.ideal],
  ['tile trigger, tuned', centre.tileTrigger.tuned],
  ["tile trigger, LIME's thresholds", centre.tileTrigger.real],
]
const values = curves.flatMap(([trigger, { points }]) =>
  points.map(({ keVee, found, tried }) => ({ trigger, keVee, efficiency: found / tried })),
)
const chart = await drawChart(
  {
    width: 640,
    height: 320,
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        field: 'keVee',
        type: 'quantitative',
        scale: { type: 'log', domain: [0.04, 15], nice: false },
        title: 'keVee',
      },
      y: { field: 'efficiency', type: 'quantitative', title: 'deposits found' },
      color: {
        field: 'trigger',
        type: 'nominal',
        sort: curves.map(([name]) => name),
        legend: { labelLimit: 0, columns: 2 },
      },
    },
  },
  'Deposits found against their energy',
)
writeFileSync(join(packageRoot, 'docs/images/efficiency.svg'), standaloneSvg(chart))
