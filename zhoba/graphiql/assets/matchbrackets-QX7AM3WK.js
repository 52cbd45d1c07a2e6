import{a}from"./chunk-LNQPDXGP.js";import"./chunk-HX4FYVYA.js";import"./chunk-Q6TBSLBA.js";export default a();
