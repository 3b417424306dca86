/**
 * A kept cluster: its record to the packet, then its (co)variances from a copy of the record at 0, as
 * src/trigger/features.ts has them. Entered with P at the record.
 */
export const reportProgram = `
report:
    out kept
    lda ^2
    add #25
    out %a                    ; record type 2, 25 words
    ldq #x0
    ldn #state
report.words:
    lda [p]+1
    sta [q]+1
    out %a
    djnz report.words
    ldp #kept
    call count.up

    ldp #wy                   ; moments about the corner of the box
    ldq #wxy
    lda x0
    call multiply.subtract
    ldp #wx
    ldq #wxx
    lda x0
    call multiply.subtract
    ldp #w
    ldq #wx
    lda x0
    call multiply.subtract
    ldp #wx
    ldq #wxx
    lda x0
    call multiply.subtract
    ldp #wy
    ldq #wyy
    lda y0
    call multiply.subtract
    ldp #wx
    ldq #wxy
    lda y0
    call multiply.subtract
    ldp #w
    ldq #wy
    lda y0
    call multiply.subtract
    ldp #wy
    ldq #wyy
    lda y0
    call multiply.subtract

narrow:                       ; until the sum of weights has 16 bits
    lda w+1
    or w+2
    or w+3
    jz narrowed
    ldp #wyy+3
    ldn #6
    call halve
    jmp narrow
narrowed:

    ldp #wxx                  ; (co)variances, times the sum of weights squared
    ldq #3
multiply.moments:
    ldn #4
    clh
multiply.moment:
    lda [p]
    mul w
    sta [p]+1
    djnz multiply.moment
    step [q]-1
    lda %q
    jnz multiply.moments
    ldp #wx
    ldq #wxx
    lda wx
    call multiply.subtract
    ldp #wx
    ldq #wxx+1
    lda wx+1
    call multiply.subtract.3
    ldp #wx
    ldq #wxy
    lda wy
    call multiply.subtract
    ldp #wx
    ldq #wxy+1
    lda wy+1
    call multiply.subtract.3
    ldp #wy
    ldq #wyy
    lda wy
    call multiply.subtract
    ldp #wy
    ldq #wyy+1
    lda wy+1
    call multiply.subtract.3

    clh                       ; w * w / 12
    lda w
    mul w
    sta t
    lda %h
    sta t+1
    lda ^21
    add #85
    sta factor
    clh
    lda t
    mul factor
    lda t+1
    mul factor
    sta square
    lda %h
    sta square+1
    ldp #wxx
    call at.least.square
    ldp #wyy
    call at.least.square

    lda #-1                   ; until the variances have 16 bits
flatten:
    sta shift
    lda wxx+1
    or wxx+2
    or wxx+3
    or wyy+1
    or wyy+2
    or wyy+3
    jz flat
    ldp #wyy+3
    ldn #3
    call halve
    lda shift
    add #1
    jmp flatten
flat:
`
