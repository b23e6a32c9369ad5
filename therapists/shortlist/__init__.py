"""The shortlist: therapists whom a reader keeps, in an address or in their own browser.

Nothing of it is stored here. The page shows those whom its address names; `static/js/keep.js` and
`shortlist.js` keep the names in the browser and ask for the same page.
"""
