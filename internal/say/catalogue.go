package say

// parts lists the pieces of the catalogue, one per subject.
func parts() []texts {
	return []texts{
		generalTexts(),
	}
}

// generalTexts are the sentences that every verb may need.
func generalTexts() texts {
	return texts{
		"lang.unknown": {
			"--lang {lang}: kubemint speaks en and ko",
			"--lang {lang}: kubemint는 en과 ko를 지원합니다",
		},
	}
}
