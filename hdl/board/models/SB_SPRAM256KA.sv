// SB_SPRAM256KA: model of the single-port memory of the iCE40UP5K, for simulation and lint only; always powered.
//
// What the device leaves open, the output after a write, is the complement of what was written, so that a design which
// uses it goes wrong.
`default_nettype none
module SB_SPRAM256KA (
    input  wire  [13:0] ADDRESS,
    input  wire  [15:0] DATAIN,
    input  wire  [ 3:0] MASKWREN,
    input  wire         WREN,
    input  wire         CHIPSELECT,
    input  wire         CLOCK,
    input  wire         STANDBY,
    input  wire         SLEEP,
    input  wire         POWEROFF,  // active low
    output logic [15:0] DATAOUT
);
  logic [15:0] words[0:16383];
  wire active = CHIPSELECT & POWEROFF & ~STANDBY & ~SLEEP;
  always_ff @(posedge CLOCK)
    if (active) begin
      DATAOUT <= WREN ? ~DATAIN : words[ADDRESS];
      if (WREN & MASKWREN[0]) words[ADDRESS][3:0] <= DATAIN[3:0];
      if (WREN & MASKWREN[1]) words[ADDRESS][7:4] <= DATAIN[7:4];
      if (WREN & MASKWREN[2]) words[ADDRESS][11:8] <= DATAIN[11:8];
      if (WREN & MASKWREN[3]) words[ADDRESS][15:12] <= DATAIN[15:12];
    end
endmodule
`default_nettype wire
