// lite_regs: two AXI4-Lite registers with strobes; address 8 answers SLVERR, 12 DECERR, and reads from 16 on never answer.
`default_nettype none
module lite_regs (
    input  wire         clk,
    input  wire         s_axil_awvalid,
    output wire         s_axil_awready,
    input  wire  [ 4:0] s_axil_awaddr,
    input  wire         s_axil_wvalid,
    output wire         s_axil_wready,
    input  wire  [31:0] s_axil_wdata,
    input  wire  [ 3:0] s_axil_wstrb,
    output logic        s_axil_bvalid,
    input  wire         s_axil_bready,
    output logic [ 1:0] s_axil_bresp,
    input  wire         s_axil_arvalid,
    output wire         s_axil_arready,
    input  wire  [ 4:0] s_axil_araddr,
    output logic        s_axil_rvalid,
    input  wire         s_axil_rready,
    output logic [31:0] s_axil_rdata,
    output logic [ 1:0] s_axil_rresp
);
  logic [31:0] words[2];
  wire write = s_axil_awvalid & s_axil_wvalid & ~s_axil_bvalid;
  wire read = s_axil_arvalid & ~s_axil_rvalid & ~s_axil_araddr[4];

  wire unused = &{1'b0, s_axil_awaddr[4], s_axil_awaddr[1:0], s_axil_araddr[1:0]};

  assign s_axil_awready = write;
  assign s_axil_wready  = write;
  assign s_axil_arready = read;

  initial begin
    s_axil_bvalid = 0;
    s_axil_rvalid = 0;
  end
  always_ff @(posedge clk) begin
    if (s_axil_bready) s_axil_bvalid <= 1'b0;
    if (s_axil_rready) s_axil_rvalid <= 1'b0;
    if (write) begin
      s_axil_bvalid <= 1'b1;
      s_axil_bresp  <= {s_axil_awaddr[3], s_axil_awaddr[3] & s_axil_awaddr[2]};
      for (int i = 0; i < 4; i++)
        if (s_axil_wstrb[i] & ~s_axil_awaddr[3]) words[s_axil_awaddr[2]][8*i+:8] <= s_axil_wdata[8*i+:8];
    end
    if (read) begin
      s_axil_rvalid <= 1'b1;
      s_axil_rresp  <= {s_axil_araddr[3], s_axil_araddr[3] & s_axil_araddr[2]};
      s_axil_rdata  <= words[s_axil_araddr[2]];
    end
  end
endmodule
`default_nettype wire
