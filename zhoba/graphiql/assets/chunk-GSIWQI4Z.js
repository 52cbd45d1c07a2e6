import{a as i}from"./chunk-Q6TBSLBA.js";function n(l,o){let e=[],t=l;for(;t?.kind;)e.push(t),t=t.prevState;for(let a=e.length-1;a>=0;a--)o(e[a])}var r=i(()=>{});export{n as a,r as b};
