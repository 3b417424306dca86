/** The root of the discriminant of the covariance matrix, by two bits of the radicand at a time. */
export const rootProgram = `
    lda wxy+3                 ; twice the covariance, without its sign, within 17 bits
    jp covariance
    ldp #wxy
    call negate
covariance:
    asr wxy+1
    or wxy+2
    or wxy+3
    jz covariance.fits
    lda #-1
    sta wxy
    lda #1
    sta wxy+1
    lda #0
    sta wxy+2
    sta wxy+3
covariance.fits:
    ldp #wxy
    ldn #2
    call double

    lda wxx                   ; radicand: square of the difference + square of that
    sub wyy
    jc difference
    lda wyy
    sub wxx
difference:
    sta short
    ldp #radicand
    ldn #7
    call zero
    ldp #short
    ldq #radicand
    lda short
    call multiply.subtract
    ldp #wxy
    ldq #radicand
    lda wxy
    call multiply.subtract
    ldp #wxy
    ldq #radicand+1
    lda wxy+1
    call multiply.subtract.3
    ldp #radicand
    call negate

    lda #24                   ; its root, from 48 bits: the rest stands above the radicand
root.bit:
    sta index
    call root.next
    call root.next
    ldp #root
    ldn #2
    call double
    clc
    lda radicand+3
    sbc root
    sta t
    lda radicand+4
    sbc root+1
    sta t+1
    lda t
    sub root
    sta t
    lda t+1
    sbc root+1
    jn root.zero
    sta radicand+4
    lda t
    sta radicand+3
    lda root
    add #1
    sta root
root.zero:
    lda index
    sub #1
    jnz root.bit
`
