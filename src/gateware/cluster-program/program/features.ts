import { featureFormat } from '../../../trigger/features.ts'
import { log2Table } from '../../../trigger/log2.ts'

/** Logarithms of all that a feature is made of, and the nine features; their bytes to the packet. */
export const featureProgram = `
    lda wxx                   ; logarithms
    add wyy
    sta t
    lda #0
    adc #0
    sta t+1
    lda t
    add root
    sta t+2
    lda t+1
    adc root+1
    sta t+3
    lda t
    sub root
    sta t
    lda t+1
    sbc root+1
    sta t+1

    lda w
    call log2.short
    add %a
    sta scale
    lda shift
    clh
    mul ^1
    sub scale
    sta scale
    ldp #t+2
    call log2
    add scale
    sta length
    ldp #t
    call log2
    add scale
    sta width
    ldp #sum
    ldn #4
    call log2.n
    sta logSum
    ldp #pixels
    call log2
    sta logSize
    ldp #brightest
    call log2
    sta logPeak
    lda x1
    sub x0
    add #1
    call log2.short
    sta logBox
    lda y1
    sub y0
    add #1
    call log2.short
    add logBox
    sta logBox

    lpa feature.formats
    ldp %a
    ldq #features
    lda logSum
    call feature
    lda logSize
    call feature
    lda logSum
    sub logSize
    call feature
    lda length
    call feature
    lda width
    call feature
    lda width
    sub length
    call feature
    lda logPeak
    call feature
    lda logSum
    sub logPeak
    call feature
    lda logSize
    sub logBox
    call feature
    ldp #features
    ldn #12
feature.bytes:
    lda [p]+1
    outb
    djnz feature.bytes
    jmp network

log2.short:                   ; 256 times the binary logarithm of A, without sign
    sta short
    ldp #short
log2:                         ; of two words at P
    ldn #2
log2.n:                       ; of N words at P; 0 if they are not above 0. Uses index, value
    lda #0
    sta value+2
    sta value+3
    ldq #value
log2.copy:
    lda [p]+1
    sta [q]+1
    djnz log2.copy
    jn log2.none
    lda #63
log2.words:
    sta index
    lda value+3
    jnz log2.bits
    lda value+2
    sta value+3
    lda value+1
    sta value+2
    lda value
    sta value+1
    lda #0
    sta value
    lda index
    sub #16
    jp log2.words
log2.none:
    lda #0
    ret
log2.bits:
    jn log2.found
    ldp #value
    ldn #4
    call double
    lda index
    sub #1
    sta index
    lda value+3
    jmp log2.bits
log2.found:
    clh
    lda value+3
    mul ^1
    lda %h
    and #127
    clc
    ror %a                    ; the lowest bit tells which byte
    sta value
    jc log2.upper
    lpa log2.table
    add value
    ldp %a
    lpm
    clh
    mul ^1
    jmp log2.byte
log2.upper:
    lpa log2.table
    add value
    ldp %a
    lpm
log2.byte:
    clh
    mul ^1                    ; H becomes the byte: the fraction
    lda index
    mul ^1
    ret

feature:                      ; A in the format at P, to Q; both step
    sta t
    lpm
    add t
    sta t
    lpm
    ldn %a
    lda t
feature.round:
    asr %a
    djnz feature.round
    sta t
    sub #127
    jp feature.high
    lda t
    sub #-128
    jn feature.low
    lda t
    jmp feature.fits
feature.high:
    lda #127
    jmp feature.fits
feature.low:
    lda #-128
feature.fits:
    sta [q]+1
    ret

feature.formats:
    table feature.formats
log2.table:
    table log2.table
`

/** For each feature what is added and by how many bits the sum is shifted; logarithms, two to a word. */
export const featureTables: ReadonlyMap<string, readonly number[]> = new Map([
  [
    'feature.formats',
    featureFormat.flatMap(({ centre, fractionBits }) => [
      (1 << (7 - fractionBits)) - 256 * centre,
      8 - fractionBits,
    ]),
  ],
  [
    'log2.table',
    Array.from({ length: log2Table.length / 2 }, (_, i) => log2Table[2 * i]! | (log2Table[2 * i + 1]! << 8)),
  ],
])
