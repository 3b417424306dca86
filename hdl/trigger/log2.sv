// log2: binary logarithm of an unsigned integer in Q6.8; 0 for 0.
//
// Twin of log2() in src/trigger/log2.ts: position of the leading one, and a table of 128 entries
// (log2_table.sv) for the seven bits below it. Combinational. Input 53 bits, output 14 bits.
`default_nettype none
module log2 (
    input  wire  [52:0] value,
    output logic [13:0] result
);
  // Shift the leading one to bit 52 in six steps and count.
  wire z5 = ~|value[52:21];
  wire [52:0] s5 = z5 ? {value[20:0], 32'b0} : value;
  wire z4 = ~|s5[52:37];
  wire [52:0] s4 = z4 ? {s5[36:0], 16'b0} : s5;
  wire z3 = ~|s4[52:45];
  wire [52:0] s3 = z3 ? {s4[44:0], 8'b0} : s4;
  wire z2 = ~|s3[52:49];
  wire [52:0] s2 = z2 ? {s3[48:0], 4'b0} : s3;
  wire z1 = ~|s2[52:51];
  wire [52:0] s1 = z1 ? {s2[50:0], 2'b0} : s2;
  wire z0 = ~s1[52];
  wire [52:0] s0 = z0 ? {s1[51:0], 1'b0} : s1;
  wire [5:0] exponent = 6'd52 - {z5, z4, z3, z2, z1, z0};
  wire [7:0] fraction;
  wire unused = &{1'b0, s0[44:0]};
  log2_table table_i (.mantissa(s0[51:45]), .fraction(fraction));
  assign result = s0[52] ? {exponent, fraction} : 14'd0;
endmodule
`default_nettype wire
