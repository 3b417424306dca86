import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import type { Frame } from '../../src/frame/frame.ts'
import type { Deposit } from '../../src/frame/truth.ts'
import { Camera } from './camera.ts'
import { amplify, Clouds } from './clouds.ts'
import { type DepositSpec, type Energies, energies, isRecoil } from './deposit-spec.ts'
import { checkGeometry, type DetectorGeometry } from './geometry.ts'
import { LightCollector, type LightImage } from './light.ts'
import { cosmicDirection, muonTrack } from './muon.ts'
import { checkPopulation, defaultPopulation, drawDeposits, type Population } from './population.ts'
import { completeSettings, type DetectorSettings } from './settings.ts'
import { cutDeposit, openRows, total } from './shutter.ts'
import {
  alphaTrack,
  electronTrack,
  isotropic,
  recoilTrack,
  type Segment,
  unit,
  type Vector,
} from './track.ts'
import type { ChargeSink } from './voxels.ts'

/**
 * An optical TPC with its camera. Everything follows from geometry, settings and seed: frame n is the same whether or
 * not other frames were made before.
 */
export class Detector {
  readonly geometry: DetectorGeometry
  readonly settings: DetectorSettings
  readonly seed: number
  readonly #random: Random
  readonly #clouds = new Clouds()
  readonly #light: LightCollector
  #camera: Camera | undefined

  constructor(geometry: DetectorGeometry, settings: Partial<DetectorSettings> = {}, seed = 1) {
    checkGeometry(geometry)
    this.geometry = geometry
    this.settings = completeSettings(settings)
    this.seed = seed
    this.#random = new Random(seed)
    this.#light = new LightCollector(geometry, this.settings)
  }

  /** The camera with its fixed pattern, made on first use: two floats per pixel. */
  get camera(): Camera {
    this.#camera ??= new Camera(this.geometry, this.settings.exposure, this.#random.fork('camera'))
    return this.#camera
  }

  /**
   * The light of one deposit, without camera noise. `adu` and `light` count detected photons, so they fluctuate from
   * call to call. Light outside the sensor is lost. The shutter cuts only when `spec.time` is given.
   * @param observe is shown the charge after GEM3, all of it, whatever the shutter does
   */
  deposit(spec: DepositSpec, random: Random, observe?: ChargeSink): Deposit {
    const wanted = energies(spec)
    const { width, height, pixelPitch, driftLength } = this.geometry
    const x = (spec.x ?? random.uniform() * width) * pixelPitch
    const y = (spec.y ?? random.uniform() * height) * pixelPitch
    const z = (spec.z ?? random.uniform() * driftLength) * 10
    const segments = this.#track(spec, wanted, [x, y, z], random)
    const first = spec.particle === 'muon' ? segments[0] : undefined
    const keVee = spec.particle === 'muon' ? segments.reduce((sum, s) => sum + s.energy, 0) : wanted.keVee
    const image = this.#expose(spec, keVee, segments, random, observe)
    const deposit: Deposit = {
      particle: spec.particle,
      keVee,
      keVnr: wanted.keVnr,
      x: (first?.x ?? x) / pixelPitch,
      y: (first?.y ?? y) / pixelPitch,
      z: (first?.z ?? z) / 10,
      adu: total(image.light),
      ...image,
    }
    if (spec.time === undefined) return deposit
    return cutDeposit(deposit, width, openRows(this.geometry, this.settings.exposure, spec.time))
  }

  /**
   * Frame `number` (from 0) with noise and truth. With `specs` these deposits, in this order in the truth, also when the
   * shutter leaves nothing of one; otherwise a draw from `population`, of which the truth names what left light.
   */
  frame(number: number, specs?: readonly DepositSpec[], population: Population = defaultPopulation): Frame {
    checkNumber(number)
    const random = this.#random.fork('frame', number)
    const drawn = specs ?? this.#draw(population, random.fork('population'))
    const deposits: Deposit[] = []
    drawn.forEach((spec, i) => {
      const own = random.fork('deposit', i)
      const time = spec.time ?? (this.settings.rollingShutter ? own.uniform() * this.#openTime : undefined)
      const deposit = this.deposit({ ...spec, time }, own)
      if (specs !== undefined || deposit.pixels.length > 0) deposits.push(deposit)
    })
    const pixels = this.camera.expose(random.fork('noise'))
    for (const deposit of deposits) addLight(pixels, deposit)
    return this.#toFrame(number, pixels, deposits)
  }

  /** A frame without light, as with the GEMs at 300 V or the cap on the lens. Its noise is its own. */
  pedestalFrame(number: number): Frame {
    checkNumber(number)
    return this.#toFrame(number, this.camera.expose(this.#random.fork('pedestal', number)), [])
  }

  /** Seconds during which a flash can meet an open row of one frame. */
  get #openTime(): number {
    return this.settings.exposure + this.geometry.readoutTime
  }

  #draw(population: Population, random: Random): DepositSpec[] {
    checkPopulation(population)
    const { width, height } = this.geometry
    const margin = Math.min(population.margin, width / 2, height / 2)
    return drawDeposits(population, random).map((spec) => ({
      ...spec,
      x: margin + random.uniform() * (width - 2 * margin),
      y: margin + random.uniform() * (height - 2 * margin),
    }))
  }

  #track(spec: DepositSpec, energy: Energies, start: Vector, random: Random): Segment[] {
    const given = spec.direction === undefined ? undefined : checkDirection(spec.direction)
    if (spec.particle === 'muon') {
      const { width, height, pixelPitch, driftLength } = this.geometry
      const volume = { width: width * pixelPitch, height: height * pixelPitch, depth: driftLength * 10 }
      return muonTrack(volume, start, given ?? cosmicDirection(random), random)
    }
    const direction = given ?? isotropic(random)
    if (spec.particle === 'electron') return electronTrack(energy.keVee, start, direction, random)
    if (spec.particle === 'alpha') return alphaTrack(energy.keVee, start, direction, random)
    return recoilTrack(spec.particle, energy.keVnr!, start, direction, random)
  }

  #expose(
    spec: DepositSpec,
    keVee: number,
    segments: readonly Segment[],
    random: Random,
    observe: ChargeSink | undefined,
  ): LightImage {
    const recoil = isRecoil(spec.particle) || spec.particle === 'electron'
    const explicit = spec.particle === 'muon' || (recoil && keVee <= this.settings.explicitLimit)
    this.#clouds.clear()
    amplify(segments, this.geometry.driftLength, explicit, this.settings, random, this.#clouds)
    return this.#light.collect(this.#clouds, random, observe)
  }

  #toFrame(number: number, pixels: Uint16Array, deposits: readonly Deposit[]): Frame {
    const { width, height, pixelPitch, countsPerPhoton } = this.geometry
    const { exposure, startTime } = this.settings
    return {
      pixels,
      width,
      height,
      bitDepth: 16,
      pixelOrder: 'row-major',
      time: startTime + number * this.#openTime,
      exposure,
      number,
      source: `synthetic:${this.seed}`,
      pixelPitch,
      photoelectron: countsPerPhoton,
      truth: { deposits },
    }
  }
}

/** Adds the light of a deposit to camera counts; a full pixel stays at 65535. */
export function addLight(pixels: Uint16Array, deposit: Deposit): void {
  for (let i = 0; i < deposit.pixels.length; i++) {
    const at = deposit.pixels[i]!
    pixels[at] = Math.min(65535, pixels[at]! + Math.round(deposit.light[i]!))
  }
}

function checkNumber(number: number): void {
  if (Number.isInteger(number) && number >= 0) return
  throw new GemgateError('GG_SETTINGS', `frame number ${number}`, 'use a whole number from 0')
}

function checkDirection(direction: Vector): Vector {
  if (Math.hypot(...direction) > 0) return unit(direction)
  throw new GemgateError('GG_SETTINGS', 'the direction has no length', 'give a vector other than zero')
}
