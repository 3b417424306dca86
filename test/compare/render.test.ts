import { describe, expect, it } from 'vitest'
import { lightText } from '../../src/compare/report/pictures.ts'
import { darkLevel, renderRegion } from '../../src/compare/report/render.ts'
import { Random } from '../../src/core/random.ts'
import type { Frame } from '../../src/frame/frame.ts'
import { decodePng } from '../../src/frame/index.ts'

const side = 100

function render(value: (x: number, y: number) => number, options = {}) {
  const pixels = Uint16Array.from({ length: side * side }, (_, i) => value(i % side, Math.floor(i / side)))
  const frame: Frame = {
    ...{ pixels, width: side, height: side, bitDepth: 16, pixelOrder: 'row-major' },
    ...{ time: 0, exposure: 0, number: 0, source: 'test' },
  }
  const picture = renderRegion(frame, { x: 0, y: 0, width: side, height: side }, 1, darkLevel(frame), options)
  return { ...picture, grey: decodePng(picture.png, 'inline').pixels }
}

describe('renderRegion', () => {
  it('shows shades, not black and white, of a zero-suppressed track', () => {
    const { white, knee, grey } = render((x, y) => (Math.abs(x - y) < 8 ? 20 * (10 - Math.abs(x - y)) : 0))
    expect(white).toBeGreaterThan(150)
    expect(knee).toBeCloseTo(white / 8, 9)
    const shades = [0, 2, 4, 6].map((d) => grey[50 * side + 50 + d]!)
    expect(new Set(shades).size).toBe(4)
    expect(shades).toEqual([...shades].sort((a, b) => b - a))
    expect(grey[90]!).toBeLessThan(40)
  })

  it('keeps the noise dark and linear in a frame with little light', () => {
    const random = new Random(2)
    const { white, knee, grey } = render(() => Math.max(0, Math.round(100 + 3 * random.normal())))
    expect(white).toBeGreaterThan(16)
    expect(white).toBeLessThan(36)
    expect(knee).toBeNull()
    expect(grey.reduce((sum, g) => sum + g, 0) / grey.length).toBeLessThan(60)
  })

  it('does not follow a single spark, except from close by', () => {
    const spark = (x: number, y: number): number => (x === 3 && y === 3 ? 60_000 : 100)
    expect(render(spark).white).toBe(8)
    expect(render(spark, { followPeak: true }).white).toBeGreaterThan(30_000)
  })
})

describe('lightText', () => {
  it.each([
    [-12, '-12 ADU'],
    [850, '850 ADU'],
    [999.6, '1.0 kADU'],
    [12_345, '12.3 kADU'],
    [851_000, '851 kADU'],
    [999_600, '1.0 MADU'],
    [9_200_000, '9.2 MADU'],
  ])('%d', (adu, text) => {
    expect(lightText(adu)).toBe(text)
  })
})
