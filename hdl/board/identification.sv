// identification: AXI4-Lite block with which a PCIe board names itself before the link speaks.
//
// Words: 0 magic 0x4C494E4B, 4 and 8 the build id, low word first, 12 control: bit 0 holds the link engine in reset. Other
// addresses read 0 and take nothing. As src/link/carriers/identification.ts. One access at a time, two clocks each.
`default_nettype none
module identification #(
    parameter logic [63:0] BUILD = 64'd0
) (
    input  wire         clk,
    input  wire         rst,
    input  wire  [31:0] s_axil_awaddr,
    input  wire         s_axil_awvalid,
    output wire         s_axil_awready,
    input  wire  [31:0] s_axil_wdata,
    input  wire  [ 3:0] s_axil_wstrb,
    input  wire         s_axil_wvalid,
    output wire         s_axil_wready,
    output wire  [ 1:0] s_axil_bresp,
    output logic        s_axil_bvalid,
    input  wire         s_axil_bready,
    input  wire  [31:0] s_axil_araddr,
    input  wire         s_axil_arvalid,
    output wire         s_axil_arready,
    output logic [31:0] s_axil_rdata,
    output wire  [ 1:0] s_axil_rresp,
    output logic        s_axil_rvalid,
    input  wire         s_axil_rready,
    output logic        engine_reset
);
  localparam logic [31:0] MAGIC = 32'h4C494E4B;
  assign s_axil_bresp = 2'b00;
  assign s_axil_rresp = 2'b00;

  // address and data are taken together
  wire write = s_axil_awvalid & s_axil_wvalid & ~s_axil_bvalid;
  assign s_axil_awready = write;
  assign s_axil_wready = write;
  wire read = s_axil_arvalid & ~s_axil_rvalid;
  assign s_axil_arready = read;
  wire unused = &{1'b0, s_axil_wdata[31:1], s_axil_wstrb[3:1], s_axil_awaddr[1:0], s_axil_araddr[1:0]};

  always_ff @(posedge clk)
    if (rst) begin
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
      engine_reset <= 1'b0;
    end else begin
      if (write) s_axil_bvalid <= 1'b1;
      else if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (write && s_axil_awaddr[31:2] == 30'd3 && s_axil_wstrb[0]) engine_reset <= s_axil_wdata[0];
      if (read) s_axil_rvalid <= 1'b1;
      else if (s_axil_rready) s_axil_rvalid <= 1'b0;
    end

  always_ff @(posedge clk)
    if (read)
      case (s_axil_araddr[31:2])
        30'd0:   s_axil_rdata <= MAGIC;
        30'd1:   s_axil_rdata <= BUILD[31:0];
        30'd2:   s_axil_rdata <= BUILD[63:32];
        30'd3:   s_axil_rdata <= {31'd0, engine_reset};
        default: s_axil_rdata <= 32'd0;
      endcase
endmodule
`default_nettype wire
